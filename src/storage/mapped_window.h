#pragma once
// FileWindow over a shared mapping of a real file: a write is a copy in memory. Where the kernel cannot bring a page
// (the disk fails to read it back, the file was cut by somebody else, a copying file system has no room) it sends
// SIGBUS; for the bytes of a window that becomes an error, for all others it ends the process as ever.
#include <memory>
#include <string>

#include "storage/file_system.h"

namespace myelin::storage {

// `descriptor` may be closed afterwards. The bytes [offset, offset + size) are in the file.
[[nodiscard]] Result<std::unique_ptr<FileWindow>> map_window(int descriptor, const std::string& path,
                                                             std::uint64_t offset, std::uint64_t size);

}  // namespace myelin::storage
