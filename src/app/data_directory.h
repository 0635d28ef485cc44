#pragma once
// What kind of data directory this is. --dev and --demo mark a directory they create (DIR/state/mode); a dev directory
// never serves without --dev, and --dev never touches another's directory.
#include <string>

#include "base/result.h"

namespace myelin::app {

enum class Mode { Earnest, Dev, Demo };

// Creates DIR and DIR/state when they are missing. Denied when the directory is of another mode.
[[nodiscard]] Result<void> prepare_data_directory(const std::string& directory, Mode mode);

}  // namespace myelin::app
