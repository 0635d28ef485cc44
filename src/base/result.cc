#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace myelin {

std::unexpected<Error> fail_errno(std::string_view operation, std::string_view subject, int error_number) {
  const Code code = error_number == ENOSPC || error_number == EDQUOT ? Code::Unavailable
                    : error_number == ENOENT                         ? Code::NotFound
                                                                     : Code::Io;
  return fail(code, "{}: {} failed: {}", subject, operation, std::strerror(error_number));
}

}  // namespace myelin
