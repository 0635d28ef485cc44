// Writes golden vectors of protocol messages: for each API, message and version the bytes that Kafka's own classes read and
// write. Lines of a vector file, see docs/formats/protocol-description.md:
//   request 9 fields NAME:TYPE ...     what the message consists of
//   request 9 KIND HEX                 default, full, null or tags
// Versions that a file has already are left alone, so that a second run with older classes adds what newer ones dropped.
//   java -cp 'DIR/*' Messages.java DESCRIPTIONS OUTPUT
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

public class Messages {
  enum Kind { FULL, NULL, TAGS }

  // Walks a schema and writes made-up values; every number that is written is a different one.
  static class Filler {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final Kind kind;
    int counter = 0;
    boolean wroteNull = false;
    boolean wroteUnknownTag = false;
    boolean inTag = false;  // where a default would not be written

    Filler(Kind kind) { this.kind = kind; }

    void bigEndian(long value, int bytes) {
      for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.write((int) (value >>> shift));
    }

    void varint(int value) {
      while ((value & ~0x7f) != 0) {
        out.write((value & 0x7f) | 0x80);
        value >>>= 7;
      }
      out.write(value);
    }

    void sized(byte[] bytes, boolean compact, int lengthBytes) {
      if (compact) varint(bytes.length + 1);
      else bigEndian(bytes.length, lengthBytes);
      out.writeBytes(bytes);
    }

    void noValue(boolean compact, int lengthBytes) {
      if (compact) varint(0);
      else bigEndian(-1, lengthBytes);
      wroteNull = true;
    }

    void struct(Schema schema, int depth) {
      for (BoundField field : schema.fields()) value(field.def.type, depth);
    }

    void value(Type type, int depth) {
      counter++;
      if (type instanceof Schema) {
        if (type.isNullable()) {
          wroteNull |= kind == Kind.NULL;
          out.write(kind == Kind.NULL ? -1 : 1);
          if (kind == Kind.NULL) return;
        }
        struct((Schema) type, depth);
        return;
      }
      if (type instanceof TaggedFields) {
        tags((TaggedFields) type, depth);
        return;
      }
      if (type.isArray()) {
        boolean compact = type.getClass().getSimpleName().equals("CompactArrayOf");
        if (type.isNullable() && kind == Kind.NULL) {
          noValue(compact, 4);
          return;
        }
        int count = depth < 2 && kind == Kind.FULL ? 2 : 1;
        if (compact) varint(count + 1);
        else bigEndian(count, 4);
        for (int index = 0; index < count; index++) value(type.arrayElementType().get(), depth + 1);
        return;
      }
      scalar(type);
    }

    void scalar(Type type) {
      String name = type.toString();
      boolean compact = name.startsWith("COMPACT_");
      if (type.isNullable() && kind == Kind.NULL) {
        noValue(compact, name.endsWith("STRING") ? 2 : 4);
        return;
      }
      switch (name.replace("COMPACT_", "").replace("NULLABLE_", "")) {
        case "BOOLEAN": out.write(counter % 2 == 0 && !inTag ? 0 : 1); break;
        case "INT8": out.write(counter % 100 + 2); break;
        case "INT16": bigEndian(0x0100 + counter, 2); break;
        case "UINT16": bigEndian(0xff00 + counter % 200, 2); break;
        case "INT32": bigEndian(counter % 3 == 0 ? -1000 - counter : 0x01020000 + counter, 4); break;
        case "INT64": bigEndian(counter % 3 == 0 ? -2000L - counter : 0x0102030400000000L + counter, 8); break;
        case "FLOAT64": bigEndian(Double.doubleToLongBits(counter + 0.25), 8); break;
        case "UUID": bigEndian(0x1112131415161718L, 8); bigEndian(0x2122232425260000L + counter, 8); break;
        case "STRING": sized(("s\u00e9" + counter).getBytes(StandardCharsets.UTF_8), compact, 2); break;
        case "BYTES": sized(new byte[] {1, 0, (byte) counter}, compact, 4); break;
        case "RECORDS": sized(new byte[] {9, 8, 7, (byte) counter, 0}, compact, 4); break;
        default: throw new IllegalArgumentException("type " + name);
      }
    }

    void tags(TaggedFields type, int depth) {
      Map<Integer, Field> known = kind == Kind.NULL ? Map.of() : new TreeMap<>(fieldsOf(type));
      int unknown = kind == Kind.TAGS ? 2 : 0;
      wroteUnknownTag |= unknown > 0;
      varint(known.size() + unknown);
      for (Map.Entry<Integer, Field> entry : known.entrySet()) {
        Filler inner = new Filler(kind);
        inner.counter = counter;
        inner.inTag = true;
        inner.value(entry.getValue().type, depth);
        counter = inner.counter;
        varint(entry.getKey());
        varint(inner.out.size());
        out.writeBytes(inner.out.toByteArray());
      }
      for (int index = 0; index < unknown; index++) {
        byte[] content = new byte[index == 0 ? 3 : 130];
        java.util.Arrays.fill(content, (byte) counter);
        varint(index == 0 ? 77 : 100000);
        varint(content.length);
        out.writeBytes(content);
      }
    }
  }

  // Kafka before 4.0 has no accessor.
  @SuppressWarnings("unchecked")
  static Map<Integer, Field> fieldsOf(TaggedFields type) {
    try {
      var fields = TaggedFields.class.getDeclaredField("fields");
      fields.setAccessible(true);
      return (Map<Integer, Field>) fields.get(type);
    } catch (ReflectiveOperationException problem) {
      throw new IllegalStateException(problem);
    }
  }

  static String outline(Type type) {
    String optional = type.isNullable() ? "?" : "";
    if (type instanceof Schema) {
      List<String> parts = new ArrayList<>();
      for (BoundField field : ((Schema) type).fields()) {
        if (field.def.type instanceof TaggedFields) {
          new TreeMap<>(fieldsOf((TaggedFields) field.def.type))
              .forEach((tag, entry) -> parts.add("<" + tag + ">" + entry.name + ":" + outline(entry.type)));
        } else {
          parts.add(field.def.name + ":" + outline(field.def.type));
        }
      }
      return "{" + String.join(" ", parts) + "}" + optional;
    }
    if (type.isArray()) return "[" + outline(type.arrayElementType().get()) + "]" + optional;
    String name = type.toString().replace("COMPACT_", "").replace("NULLABLE_", "").toLowerCase();
    return name.replace("boolean", "bool") + (name.equals("records") ? "?" : optional);
  }

  static Message newMessage(Class<?> type) throws Exception {
    return (Message) type.getDeclaredConstructor().newInstance();
  }

  static byte[] write(Message message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(buffer), cache, version);
    return buffer.array();
  }

  static void vectors(Class<?> type, String side, List<String> known, List<String> lines) throws Exception {
    Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
    short lowest = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
    short highest = type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
    for (short version = lowest; version <= highest; version++) {
      String start = side + " " + version + " ";
      if (known.stream().anyMatch(line -> line.startsWith(start))) continue;
      lines.add(start + "fields " + outline(schemas[version]));
      lines.add(start + "default " + HexFormat.of().formatHex(write(newMessage(type), version)));
      for (Kind kind : Kind.values()) {
        Filler filler = new Filler(kind);
        filler.struct(schemas[version], 0);
        if (kind == Kind.NULL && !filler.wroteNull) continue;
        if (kind == Kind.TAGS && !filler.wroteUnknownTag) continue;
        byte[] bytes = filler.out.toByteArray();
        Message message = newMessage(type);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(buffer), version);
        byte[] again = write(message, version);
        if (buffer.hasRemaining() || !java.util.Arrays.equals(bytes, again)) {
          throw new IllegalStateException(type.getSimpleName() + " " + version + " " + kind + "\n"
              + HexFormat.of().formatHex(bytes) + "\n" + HexFormat.of().formatHex(again));
        }
        lines.add(start + kind.name().toLowerCase() + " " + HexFormat.of().formatHex(bytes));
      }
    }
  }

  public static void main(String[] args) throws Exception {
    try (var files = Files.list(Path.of(args[0]))) {
      for (Path file : files.sorted().toList()) {
        String api = Files.readAllLines(file).stream().filter(line -> line.startsWith("api ")).findFirst().get()
            .split(" ")[2];
        Path output = Path.of(args[1], file.getFileName().toString());
        List<String> known = Files.exists(output) ? Files.readAllLines(output) : List.of();
        List<String> lines = new ArrayList<>(known);
        for (String side : List.of("Request", "Response")) {
          Class<?> type = Class.forName("org.apache.kafka.common.message." + api + side + "Data");
          vectors(type, side.toLowerCase(), known, lines);
        }
        Files.write(output, lines);
      }
    }
  }
}
