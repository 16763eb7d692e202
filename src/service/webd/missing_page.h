// What stands where the web mail would be.
#pragma once

#include "base/words.h"

#include <string>

namespace tegami::webd {

/// Says that this program was built without its web mail, in HTML without anything from elsewhere.
std::string missing_page(Language language);

} // namespace tegami::webd
