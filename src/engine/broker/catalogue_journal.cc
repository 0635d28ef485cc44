#include "engine/broker/catalogue_journal.h"

#include <functional>
#include <utility>

#include "base/log.h"
#include "engine/broker/catalogue_codec.h"

namespace myelin::engine::broker {
namespace {

constexpr std::string_view kMagic = "MYELINCT";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kFileHeaderSize = 12;
constexpr std::uint64_t kFileSizeMax = std::uint64_t{1} << 30;

ByteBuffer file_header() {
  ByteBuffer header(kFileHeaderSize);
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  store_big_endian(header.data() + kMagic.size(), kFormatVersion);
  return header;
}

Result<void> check_header(ByteSpan content, const std::string& path) {
  if (content.size() < kFileHeaderSize || as_text(content.first(kMagic.size())) != kMagic) {
    return fail(Code::Corrupt, "{}: not a topic catalogue; restore the file from a backup", path);
  }
  const auto version = load_big_endian<std::uint32_t>(content.data() + kMagic.size());
  if (version != kFormatVersion) {
    return fail(Code::Unsupported, "{}: format version {}, this program reads {}; use the program that wrote it", path,
                version, kFormatVersion);
  }
  return {};
}

// Returns where the good frames end.
std::size_t read_frames(ByteSpan content, const std::function<void(CatalogueFrame)>& visit) {
  std::size_t position = kFileHeaderSize;
  while (position < content.size()) {
    auto decoded = decode_frame(content.subspan(position));
    if (!decoded) break;
    visit(std::move(decoded->frame));
    position += decoded->size;
  }
  return position;
}

// A crash tears only the end of the file, so a valid frame behind a bad one means damage.
bool has_later_frame(ByteSpan bytes) {
  for (std::size_t start = 1; start + kFrameHeaderSize < bytes.size(); ++start) {
    if (decode_frame(bytes.subspan(start))) return true;
  }
  return false;
}

}  // namespace

Result<CatalogueJournal::Opened> CatalogueJournal::open(storage::FileSystem& files, const std::string& directory) {
  const std::string path = storage::join_path(directory, "catalogue");
  if (const auto size = files.file_size(path); !size) {
    if (size.error().code != Code::NotFound) return std::unexpected(size.error());
    auto made = storage::replace_file(files, path, file_header());
    if (!made) return pass(made);
  }
  auto content = storage::read_file(files, path, kFileSizeMax);
  if (!content) return pass(content);
  auto header = check_header(*content, path);
  if (!header) return pass(header);

  Opened opened;
  const auto position = read_frames(*content, [&](CatalogueFrame frame) { opened.frames.push_back(std::move(frame)); });
  if (position < content->size() && has_later_frame(ByteSpan(*content).subspan(position))) {
    return fail(Code::Corrupt, "{}: damaged at byte {}; restore the file from a backup", path, position);
  }
  auto file = files.open(path, storage::OpenMode::ReadWrite);
  if (!file) return pass(file);
  if (position < content->size()) {
    log::warn("torn end of the topic catalogue cut", {{"path", path}, {"bytes", content->size() - position}});
    auto cut = (*file)->truncate(position);
    if (!cut) return pass(cut);
    auto synced = (*file)->sync_data();
    if (!synced) return pass(synced);
  }
  opened.journal.reset(new CatalogueJournal(files, path, *std::move(file), position));
  return opened;
}

Result<CatalogueJournal::Names> CatalogueJournal::names() const {
  const auto content = storage::read_file(files_, path_, kFileSizeMax);
  if (!content) return std::unexpected(content.error());
  Names names;
  // A last frame that is not whole is being written.
  read_frames(*content, [&](const CatalogueFrame& frame) {
    for (const auto& entry : frame) {
      if (const auto* created = std::get_if<TopicCreated>(&entry)) names.insert_or_assign(created->id, created->name);
      if (const auto* was = std::get_if<TopicRemembered>(&entry)) names.insert_or_assign(was->id, was->name);
    }
  });
  return names;
}

Result<void> CatalogueJournal::append(const CatalogueFrame& frame) {
  if (broken_) return fail(Code::Unavailable, "{}: not writable since an earlier failure; restart to recover", path_);
  const ByteBuffer bytes = encode_frame(frame);
  const ByteSpan parts[] = {bytes};
  auto written = file_->write_at(size_, parts);
  if (!written) {
    broken_ = !file_->truncate(size_).has_value();
    return pass(written);
  }
  auto synced = file_->sync_data();
  if (!synced) {
    broken_ = true;
    return pass(synced);
  }
  size_ += bytes.size();
  return {};
}

Result<void> CatalogueJournal::rewrite(const CatalogueFrame& frame) {
  ByteBuffer content = file_header();
  const ByteBuffer bytes = encode_frame(frame);
  content.insert(content.end(), bytes.begin(), bytes.end());
  auto replaced = storage::replace_file(files_, path_, content);
  if (!replaced) return replaced;
  auto file = files_.open(path_, storage::OpenMode::ReadWrite);
  if (!file) {
    broken_ = true;
    return pass(file);
  }
  file_ = *std::move(file);
  size_ = content.size();
  return {};
}

}  // namespace myelin::engine::broker
