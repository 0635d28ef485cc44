#pragma once
// `--name value` pairs of a measuring command.
#include <map>
#include <string>

namespace myelin::bench {

class Options {
 public:
  // Reads pairs from arguments[first] on; "--" ends them.
  Options(int count, char** arguments, int first);

  [[nodiscard]] std::string text(const std::string& name) const;  // must be given
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const;
  [[nodiscard]] long number(const std::string& name, long otherwise) const;
  // Index after the pairs and the "--".
  [[nodiscard]] int rest() const { return rest_; }

 private:
  std::map<std::string, std::string> values_;
  int rest_;
};

}  // namespace myelin::bench
