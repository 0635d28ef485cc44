#include "model/timestamp.h"

#include <fmt/core.h>

#include <charconv>

namespace myelin::model {
namespace {

// Takes parts off the front of a text; every part answers nullopt when the text does not start with it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    const char* end = rest_.data() + count;
    const auto [stopped, error] = std::from_chars(rest_.data(), end, value);
    if (error != std::errc{} || stopped != end || rest_.front() == '-') return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] char taken() const { return taken_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // Milliseconds of a fraction of a second, after the point; further digits are dropped.
  std::optional<int> fraction() {
    int value = 0;
    int scale = 100;
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9') {
      value += (rest_[length] - '0') * scale;
      scale /= 10;
      ++length;
    }
    rest_.remove_prefix(length);
    return length == 0 ? std::nullopt : std::optional<int>(value);
  }

 private:
  std::string_view rest_;
  char taken_ = '\0';
};

std::optional<std::chrono::sys_days> scan_date(Scanner& scanner) {
  const auto year = scanner.digits(4);
  if (!year || !scanner.take("-")) return std::nullopt;
  const auto month = scanner.digits(2);
  if (!month || !scanner.take("-")) return std::nullopt;
  const auto day = scanner.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::minutes> scan_hours_and_minutes(Scanner& scanner) {
  const auto hours = scanner.digits(2);
  if (!hours || *hours > 23 || !scanner.take(":")) return std::nullopt;
  const auto minutes = scanner.digits(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

std::optional<std::chrono::milliseconds> scan_time_of_day(Scanner& scanner) {
  const auto minutes = scan_hours_and_minutes(scanner);
  if (!minutes || !scanner.take(":")) return std::nullopt;
  const auto seconds = scanner.digits(2);
  if (!seconds || *seconds > 59) return std::nullopt;
  std::chrono::milliseconds time = *minutes + std::chrono::seconds(*seconds);
  if (scanner.take(".")) {
    const auto fraction = scanner.fraction();
    if (!fraction) return std::nullopt;
    time += std::chrono::milliseconds(*fraction);
  }
  return time;
}

std::optional<std::chrono::minutes> scan_offset(Scanner& scanner) {
  if (scanner.take("Zz")) return std::chrono::minutes(0);
  if (!scanner.take("+-")) return std::nullopt;
  const int sign = scanner.taken() == '-' ? -1 : 1;
  const auto offset = scan_hours_and_minutes(scanner);
  if (!offset) return std::nullopt;
  return *offset * sign;
}

}  // namespace

std::optional<WallTime> parse_timestamp(std::string_view text, DateMeans date_means) {
  Scanner scanner(text);
  const auto date = scan_date(scanner);
  if (!date) return std::nullopt;
  if (scanner.at_end()) {
    return WallTime(*date + std::chrono::days(date_means == DateMeans::EndOfDay ? 1 : 0));
  }
  if (!scanner.take("Tt ")) return std::nullopt;
  const auto time = scan_time_of_day(scanner);
  if (!time) return std::nullopt;
  const auto offset = scan_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  return WallTime(*date + *time - *offset);
}

std::string short_timestamp(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time - day).count();
  if (minutes != 0) text += fmt::format(" {:02}:{:02} UTC", minutes / 60, minutes % 60);
  return text;
}

}  // namespace myelin::model
