#pragma once
// A small company for tests of the rules.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/load.h"
#include "model/timestamp.h"

namespace myelin::policy {

// Squads: orders owns shop.order through a product and shop.cart through its contract; billing reads; ops is platform.
inline constexpr const char* kOrg = R"(
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: orders, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: billing, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: olga}
spec: {memberOf: [orders]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bert}
spec: {memberOf: [billing]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: petra}
spec: {memberOf: [ops]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout, annotations: {myelin.dev/principals: checkout-1, myelin.dev/prefixes: "checkout raw."}}
spec: {owner: orders}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: invoicer, annotations: {myelin.dev/principals: invoicer}}
spec: {owner: billing}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger, annotations: {myelin.dev/principals: ledger}}
spec: {owner: billing}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: probe, annotations: {myelin.dev/principals: probe}}
spec: {owner: ops}
)";

inline std::string contract(const std::string& id, const std::string& topic) {
  return "apiVersion: v3.1.0\nkind: DataContract\nid: " + id +
         "\nversion: 1.0.0\nstatus: active\nteam: {name: orders}\nschema:\n  - {name: x, physicalType: topic, "
         "physicalName: " +
         topic + "}\n";
}

inline std::string grant(const std::string& id, const std::string& port, const std::string& rest) {
  return "apiVersion: v0.9.0\nkind: AccessAgreement\nid: " + id +
         "\ndescription: {purpose: test}\nprovider: {teamId: orders, dataProductId: orders, outputPortId: " + port +
         "}\n" + rest;
}

inline model::Model company(const std::vector<document::Source>& more = {}) {
  std::vector<document::Source> sources = {
      {"org/shop.yaml", kOrg},
      {"contracts/order.odcs.yaml", contract("order", "shop.order")},
      {"contracts/refund.odcs.yaml", contract("refund", "shop.refund")},
      {"contracts/cart.odcs.yaml", contract("cart", "shop.cart")},
      {"products/orders.odps.yaml",
       "apiVersion: v1.0.0\nkind: DataProduct\nid: orders\nstatus: active\nteam: {name: orders}\noutputPorts:\n"
       "  - {name: order, version: '1', contractId: order}\n  - {name: refund, version: '1', contractId: refund}\n"},
      {"grants/a.yaml", grant("to-invoicer", "order",
                              "status: approved\nstartTimestamp: 2026-01-01\nendTimestamp: 2026-06-30\n"
                              "consumer: {teamId: billing}\ncustomProperties:\n"
                              "  - {property: application, value: invoicer, vendor: myelin}\n")},
      {"grants/b.yaml", grant("to-billing", "refund", "status: approved\nconsumer: {teamId: billing}\n")},
      {"grants/c.yaml", grant("to-probe", "refund", "status: requested\nconsumer: {teamId: ops}\n")},
      {"grants/d.yaml", grant("to-petra", "order", "status: approved\nconsumer: {userId: petra}\n")},
      {"myelin/policy.yaml",
       "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: shop}\nspec:\n  platform_group: ops\n"
       "  quotas:\n    default: {connections_max: 10, fetch_bytes_per_second: 100}\n"
       "    squads:\n      - {squad: billing, produce_bytes_per_second: 5, connections_max: 3}\n"}};
  sources.insert(sources.end(), more.begin(), more.end());
  model::Loaded loaded = model::load(std::move(sources));
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

inline WallTime day(std::string_view date) { return *model::parse_timestamp(date, model::DateMeans::StartOfDay); }

}  // namespace myelin::policy
