#include "base/bytes.h"

#include <unistd.h>

namespace myelin {

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace myelin
