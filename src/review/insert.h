#pragma once
// One item more in a list of a document, where it stands: the rest of its file keeps every byte. Pure.
#include <string>

#include "base/result.h"
#include "document/parse.h"
#include "review/edit.h"

namespace myelin::review {

// The document's file with `item`, YAML on one line, as the last of the list at `list`. NotFound when there is no such
// list, or nothing in it; Invalid, with its place, when its items do not begin with dashes on lines of their own.
[[nodiscard]] Result<document::Source> with_item(const document::Document& document, const Path& list,
                                                 const std::string& item);

}  // namespace myelin::review
