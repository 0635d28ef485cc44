#include "app/cli/model_folder.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "api/server.h"
#include "app/cli/ask.h"
#include "document/json_writer.h"
#include "model/load.h"

namespace myelin::app::cli {
namespace {

using document::Node;

constexpr int kInvalid = 2;

}  // namespace

Result<model::Model> model_in(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return model::Model{};
  auto loaded = model::load_folder(folder);
  if (!loaded) return pass(loaded);
  if (loaded->ok()) return std::move(loaded->model);
  return fail(Code::Invalid, "{}correct what {} holds first", document::listed(loaded->problems), folder);
}

Result<Node> files_of(const std::string& folder) {
  auto sources = model::read_folder(folder);
  if (!sources) return pass(sources);
  std::vector<Node> files;
  for (const auto& source : *sources) {
    files.push_back(Node::map({{"file", {}, Node::string(source.file)}, {"text", {}, Node::string(source.text)}}));
  }
  return Node::list(std::move(files));
}

Result<std::string> body_text(const Node& body) {
  auto text = document::json(body);
  if (text.size() <= api::Server::kModelBytes) return text;
  return fail(Code::Invalid, "the folder makes a request of {} bytes; at most {} are taken at once: give a part of it",
              text.size(), api::Server::kModelBytes);
}

int report_plan(const Error& error) {
  const int code = report(error);
  const bool is_invalid = error.code == Code::Invalid || error.code == Code::NotFound || error.code == Code::TooLarge;
  return is_invalid ? kInvalid : code;
}

}  // namespace myelin::app::cli
