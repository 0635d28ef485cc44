#pragma once
// Expected failures as values. Every function that can fail for a reason outside the program returns Result<T>.
#include <fmt/core.h>

#include <expected>
#include <string>
#include <utility>

namespace myelin {

// What kind of failure it was. Edges map these to Kafka error codes and HTTP statuses, in one table each.
enum class Code {
  Invalid,   // the input is wrong and will stay wrong
  NotFound,  // the named thing does not exist
  Exists,    // the named thing exists already
  Denied,    // the caller may not do this
  Unauthenticated,
  Corrupt,      // stored or received bytes fail their check
  TooLarge,     // a stated limit was exceeded
  Unsupported,  // a version, codec or feature that is not served
  Unavailable,  // try again later: starting, stopping, full, peer gone
  Timeout,
  Io,  // the operating system refused; the message carries errno's text
};

struct Error {
  Code code = Code::Invalid;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

// fail(Code::Invalid, "{}: expected {}, found {}", ...) builds the error branch of a Result.
template <typename... Args>
[[nodiscard]] std::unexpected<Error> fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// Passes an error on unchanged: `if (!part) return pass(part);`
template <typename T>
[[nodiscard]] std::unexpected<Error> pass(Result<T>& result) {
  return std::unexpected<Error>(std::move(result).error());
}

// fail_errno("open", path, errno): Io, except ENOSPC and EDQUOT which are Unavailable so that a client retries.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view operation, std::string_view subject, int error_number);

}  // namespace myelin
