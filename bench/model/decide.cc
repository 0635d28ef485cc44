// What a model costs in memory, and a decision in time, without sockets and records. One JSON object.
//   bench_model FOLDER SECONDS [QUESTIONS]
// loads FOLDER, builds the snapshot, and asks it for SECONDS, in random order, whether a principal may read a topic:
// of 20 questions 19 are about a topic that one of its grants names. QUESTIONS takes them as text, so that another
// authoriser can be asked the same: a line "acl PRINCIPAL TOPIC" for each grant, then "ask PRINCIPAL TOPIC 0|1" with
// Myelin's answer.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/memory.h"
#include "bench/measure.h"
#include "model/load.h"
#include "policy/snapshot.h"

namespace {
std::size_t g_allocations = 0;  // by this program's one thread
}  // namespace

void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace myelin::bench {
namespace {

constexpr std::size_t kQuestions = 200'000;
constexpr std::size_t kRefusedOneIn = 20;

struct Question {
  const policy::Subject* subject;
  const TopicName* topic;
};

double resident_mb() {
  give_back_free_memory();
  std::ifstream statm("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

model::Model loaded(const std::string& folder) {
  auto result = model::load_folder(folder);
  if (!result) die("{}", result.error().message);
  if (!result->ok()) die("{}: {}", folder, result->problems.front().text());
  return std::move(result->model);
}

// One subject for each application with a principal, as a connection has one.
struct Asked {
  std::unordered_map<std::string, policy::Subject> subjects;  // by application
  std::vector<Question> questions;
};

Asked ask_about(const model::Model& model, const policy::Snapshot& snapshot) {
  Asked asked;
  for (const auto& [principal, application] : model.principals) {
    asked.subjects.emplace(application.text(), snapshot.subject(principal));
  }
  std::mt19937 random(1);
  const auto any = [&](const auto& items) -> const auto& { return items[random() % items.size()]; };
  while (asked.questions.size() < kQuestions) {
    const auto& grant = any(model.grants);
    const bool foreign = asked.questions.size() % kRefusedOneIn == 0;
    const auto& topics = foreign ? any(model.grants).topics : grant.topics;
    const auto& subject = asked.subjects.at(grant.application->text());
    const auto& topic = any(topics);
    // What its own squad owns it may read without a grant, and no ACL says so.
    if (snapshot.owner_of_topic(topic.text()) != subject.squad) asked.questions.push_back({&subject, &topic});
  }
  return asked;
}

bool may_read(const policy::Snapshot& snapshot, const Question& question, WallTime now) {
  return snapshot.decide(*question.subject, policy::Operation::Read, policy::Resource::topic(*question.topic), now)
      .allowed;
}

// Nanoseconds of CPU for one call of `ask` with each question, over and over for `seconds`.
template <typename Ask>
double nanoseconds(const std::vector<Question>& questions, double seconds, Ask ask) {
  std::size_t asked = 0;
  std::size_t yes = 0;
  const double until = now_s() + seconds;
  const double begun = own_cpu_s();
  while (now_s() < until) {
    for (const auto& question : questions) yes += ask(question) ? 1 : 0;
    asked += questions.size();
  }
  const double spent = own_cpu_s() - begun;
  if (yes == 0) die("every question was answered no");
  return spent / static_cast<double>(asked) * 1e9;
}

// The least that an answer by name can cost: each topic's name is looked up once.
double lookup_floor(const std::vector<Question>& questions, double seconds) {
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (const auto& question : questions) numbers.emplace(question.topic->text(), numbers.size() + 1);
  return nanoseconds(questions, seconds,
                     [&](const Question& question) { return numbers.find(question.topic->text())->second > 0; });
}

void write_questions(const char* path, const model::Model& model, const policy::Snapshot& snapshot, const Asked& asked,
                     WallTime now) {
  std::ofstream out(path);
  std::unordered_map<std::string, std::string> principals;
  for (const auto& [principal, application] : model.principals) principals[application.text()] = principal.text();
  for (const auto& grant : model.grants) {
    for (const auto& topic : grant.topics)
      out << "acl " << principals.at(grant.application->text()) << ' ' << topic.text() << '\n';
  }
  for (const auto& question : asked.questions) {
    out << "ask " << question.subject->principal.text() << ' ' << question.topic->text() << ' '
        << (may_read(snapshot, question, now) ? 1 : 0) << '\n';
  }
}

void measure(const std::string& folder, double seconds, const char* questions) {
  const double empty_mb = resident_mb();
  const double begun = now_s();
  auto model = std::make_shared<model::Model>(loaded(folder));
  const double load_s = now_s() - begun;
  const double before_build = now_s();
  const auto snapshot = policy::Snapshot::build(model, {});
  const double build_s = now_s() - before_build;
  const double resident = resident_mb() - empty_mb;
  fmt::print(R"({{"documents":{},"grants":{},"principals":{},"load_ms":{},"build_ms":{},"resident_mb":{})",
             model->documents.size(), model->grants.size(), model->principals.size(), load_s * 1e3, build_s * 1e3,
             resident);
  if (seconds > 0) {
    const auto now = SystemClock().wall();
    const auto asked = ask_about(*model, *snapshot);
    const auto decide = [&](const Question& question) { return may_read(*snapshot, question, now); };
    nanoseconds(asked.questions, seconds / 4, decide);  // caches and branches are warm then
    const auto allocations = g_allocations;
    const double decide_ns = nanoseconds(asked.questions, seconds, decide);
    const auto allocated = g_allocations - allocations;
    fmt::print(R"(,"decide_ns":{},"allocations":{},"lookup_ns":{})", decide_ns, allocated,
               lookup_floor(asked.questions, seconds / 4));
    if (questions != nullptr) write_questions(questions, *model, *snapshot, asked, now);
  }
  fmt::print("}}\n");
}

}  // namespace
}  // namespace myelin::bench

int main(int count, char** arguments) {
  if (count < 3 || count > 4) myelin::bench::die("usage: bench_model FOLDER SECONDS [QUESTIONS]");
  myelin::bench::measure(arguments[1], std::strtod(arguments[2], nullptr), count == 4 ? arguments[3] : nullptr);
}
