// Prints record batches as Kafka's Java client builds them, one "name hex" a line.
//   java -cp 'DIR/*' Batches.java > batches.txt
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.TimestampType;

public class Batches {
  static byte[] bytes(String text) { return text.getBytes(StandardCharsets.UTF_8); }

  static void print(String name, MemoryRecords records) {
    byte[] out = new byte[records.sizeInBytes()];
    records.buffer().duplicate().get(out);
    System.out.println(name + " " + HexFormat.of().formatHex(out));
  }

  static void build(String name, Compression compression, TimestampType type, long logAppendTime, long producerId,
                    short epoch, int sequence, boolean transactional, Consumer<MemoryRecordsBuilder> fill) {
    MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), (byte) 2, compression, type, 0L,
        logAppendTime, producerId, epoch, sequence, transactional, -1);
    fill.accept(builder);
    print(name, builder.build());
  }

  // Three records: key and value, headers, null key and value with a null header.
  static void three(MemoryRecordsBuilder builder) {
    builder.append(1750000000000L, bytes("k1"), bytes("value-1"));
    builder.append(1750000000500L, bytes("k2"), bytes("value-2"),
        new Header[] {new RecordHeader("trace", bytes("t-9")), new RecordHeader("empty", new byte[0])});
    builder.append(1749999999000L, (byte[]) null, null, new Header[] {new RecordHeader("none", (byte[]) null)});
  }

  static void many(MemoryRecordsBuilder builder) {
    for (int index = 0; index < 300; index++) builder.append(1750000000000L + index, null, bytes("{\"shop\":" + index % 7 + "}"));
  }

  public static void main(String[] args) {
    TimestampType create = TimestampType.CREATE_TIME;
    Consumer<MemoryRecordsBuilder> three = Batches::three;
    build("none", Compression.NONE, create, -1, -1, (short) -1, -1, false, three);
    build("gzip", Compression.gzip().build(), create, -1, -1, (short) -1, -1, false, three);
    build("snappy", Compression.snappy().build(), create, -1, -1, (short) -1, -1, false, three);
    build("lz4", Compression.lz4().build(), create, -1, -1, (short) -1, -1, false, three);
    build("zstd", Compression.zstd().build(), create, -1, -1, (short) -1, -1, false, three);
    build("many_gzip", Compression.gzip().build(), create, -1, -1, (short) -1, -1, false, Batches::many);
    build("many_snappy", Compression.snappy().build(), create, -1, -1, (short) -1, -1, false, Batches::many);
    build("many_lz4", Compression.lz4().build(), create, -1, -1, (short) -1, -1, false, Batches::many);
    build("many_zstd", Compression.zstd().build(), create, -1, -1, (short) -1, -1, false, Batches::many);
    build("idempotent", Compression.NONE, create, -1, 4000000001L, (short) 3, 77, false, three);
    build("transactional", Compression.NONE, create, -1, 9, (short) 0, 0, true, three);
    build("log_append_time", Compression.NONE, TimestampType.LOG_APPEND_TIME, 1760000000000L, -1, (short) -1, -1, false,
        three);
    print("commit_marker", MemoryRecords.withEndTransactionMarker(42, 1750000000000L, 5, 9, (short) 2,
        new EndTransactionMarker(ControlRecordType.COMMIT, 11)));
  }
}
