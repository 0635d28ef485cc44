// Contracts, products, and which squad owns each topic.
#include <algorithm>
#include <iterator>
#include <utility>

#include "model/name_rules.h"
#include "model/resolve.h"

namespace myelin::model {
namespace {

class DataResolver {
 public:
  DataResolver(const Drafts& drafts, Model& model, document::Problems& problems)
      : drafts_(drafts), model_(model), problems_(problems) {}

  void run() {
    for (const ContractDraft& draft : drafts_.contracts) contract(draft);
    for (const ProductDraft& draft : drafts_.products) products_.push_back(with_team(draft));
    for (const ProductDraft& draft : products_) product(draft);
    for (const auto& [id, contract] : model_.contracts) claim_topics(contract);
  }

 private:
  void note(const Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }

  void contract(const ContractDraft& draft) {
    Contract contract;
    contract.id = draft.id.value;
    contract.version = draft.version;
    contract.status = draft.status;
    contract.channels = draft.channels;
    contract.place = draft.id.place;
    if (draft.team) {
      contract.team_place = draft.team->place;
      const auto team = by_name(*draft.team);
      if (referred(model_.squads, team, "Group", drafts_.unread, problems_) != nullptr)
        contract.team = SquadName(team.value);
    }
    for (const TopicDraft& topic : draft.topics) {
      contract.topics.push_back(topic.topic.name);
      Topic declared = topic.topic;
      declared.contract = contract.id;
      declare(model_.topics, declared.name, declared, "topic", problems_);
    }
    declare(model_.contracts, contract.id, contract, "contract", problems_);
  }

  // Teams are written by the names of Groups, or by a title that one Group alone has. What could be a name is none: a
  // Group that takes it later must not take over what a title owned.
  Text by_name(Text team) const {
    if (!wrong_entity_name(team.value)) return team;
    const auto is_called_so = [&](const auto& squad) { return squad.second.title == team.value; };
    const auto found = std::ranges::find_if(model_.squads, is_called_so);
    const bool is_the_only_one =
        found != model_.squads.end() && std::none_of(std::next(found), model_.squads.end(), is_called_so);
    if (is_the_only_one) team.value = found->first.text();
    return team;
  }

  // A product that names no team belongs to that of its contracts; if they have several, the first one's.
  ProductDraft with_team(ProductDraft draft) {
    draft.team = by_name(std::move(draft.team));
    if (draft.has_team) return draft;
    bool may_be_unread = false;
    for (const PortDraft& port : draft.ports) {
      if (!port.contract) continue;
      const auto contract = model_.contracts.find(port.contract->value);
      may_be_unread = may_be_unread || drafts_.unread.may_declare("contract", port.contract->value);
      if (contract == model_.contracts.end() || !contract->second.team) continue;
      draft.team = {contract->second.team->text(), contract->second.team_place};
      return draft;
    }
    if (!may_be_unread) {
      note(draft.id.place, fmt::format("product \"{}\" has no owner: team.name is missing, and no contract that its "
                                       "output ports name has one",
                                       draft.name.value));
    }
    return draft;
  }

  void product(const ProductDraft& draft) {
    Product product;
    product.name = ProductName(draft.name.value);
    product.id = draft.id.value;
    product.status = draft.status;
    product.description = draft.description;
    product.mode = draft.mode;
    product.channels = draft.channels;
    product.place = draft.name.place;
    if (const Squad* squad = referred(model_.squads, draft.team, "Group", drafts_.unread, problems_)) {
      product.owner = squad->name;
      product.domain = squad->domain;
    }
    if (draft.domain && referred(model_.domains, *draft.domain, "Domain", drafts_.unread, problems_) != nullptr) {
      product.domain = DomainName(draft.domain->value);
    }
    for (const PortDraft& port : draft.ports) {
      product.ports.push_back({port.name.value, port.version, std::nullopt, port.name.place});
      if (!port.contract ||
          referred(model_.contracts, *port.contract, "contract", drafts_.unread, problems_) == nullptr)
        continue;
      product.ports.back().contract = port.contract->value;
      own_contract(draft, *port.contract);
    }
    repeated_ports(product);
    const auto [first, fresh] = ids_.try_emplace(product.id, product.place);
    if (!fresh && !model_.products.contains(product.name)) {
      note(draft.id.place, fmt::format("product id \"{}\" is declared twice; the first stands at {}", product.id,
                                       first->second.text()));
    }
    declare(model_.products, product.name, product, "product", problems_);
  }

  void repeated_ports(const Product& product) {
    std::map<std::pair<std::string, std::string>, Place> seen;  // each version of a port is listed
    for (const OutputPort& port : product.ports) {
      const auto [first, fresh] = seen.try_emplace({port.name, port.version}, port.place);
      if (fresh) continue;
      note(port.place, fmt::format("output port \"{}\" is declared twice; the first stands at {}", port.name,
                                   first->second.text()));
    }
  }

  // The product whose output port names a contract owns its topics.
  void own_contract(const ProductDraft& draft, const Text& reference) {
    const auto [first, fresh] = owners_.try_emplace(reference.value, Owner{&draft, reference.place});
    if (fresh) return agree_on_team(draft, reference);
    if (first->second.product == &draft) return;
    note(reference.place, fmt::format("contract \"{}\" already belongs to product \"{}\" at {}; a topic has one owner",
                                      reference.value, first->second.product->name.value, first->second.place.text()));
  }

  void agree_on_team(const ProductDraft& draft, const Text& reference) {
    const Contract& contract = model_.contracts.at(reference.value);
    if (!contract.team || draft.team.empty() || contract.team->text() == draft.team.value) return;
    note(contract.team_place,
         fmt::format(
             "team \"{}\" of contract \"{}\" is not team \"{}\" of product \"{}\" at {}, whose output port names "
             "it",
             contract.team->text(), contract.id, draft.team.value, draft.name.value, draft.team.place.text()));
    note(draft.team.place,
         fmt::format("team \"{}\" of product \"{}\" is not team \"{}\" of contract \"{}\" at {}, which its output port "
                     "names",
                     draft.team.value, draft.name.value, contract.team->text(), contract.id,
                     contract.team_place.text()));
  }

  void claim_topics(const Contract& contract) {
    const auto owner = owners_.find(contract.id);
    for (const TopicName& name : contract.topics) {
      Topic& topic = model_.topics.at(name);
      if (topic.contract != contract.id) continue;
      if (owner != owners_.end()) {
        topic.product = ProductName(owner->second.product->name.value);
        topic.owner = SquadName(owner->second.product->team.value);
      } else if (contract.team) {
        topic.owner = *contract.team;
      }
      const auto squad = model_.squads.find(topic.owner);
      if (squad != model_.squads.end()) topic.domain = squad->second.domain;
    }
    const bool ownerless = owner == owners_.end() && contract.team_place.file.empty();
    if (ownerless && !contract.topics.empty() && !drafts_.unread.may_name("products/", contract.id)) {
      note(contract.place,
           fmt::format("contract \"{}\" has no owner: team.name is missing, and no product's output port "
                       "names the contract",
                       contract.id));
    }
  }

  struct Owner {
    const ProductDraft* product;
    Place place;
  };

  const Drafts& drafts_;
  Model& model_;
  document::Problems& problems_;
  std::vector<ProductDraft> products_;   // each with its team
  std::map<std::string, Owner> owners_;  // by contract id
  std::map<std::string, Place> ids_;     // of products
};

}  // namespace

void resolve_data(const Drafts& drafts, Model& model, document::Problems& problems) {
  DataResolver(drafts, model, problems).run();
}

}  // namespace myelin::model
