// A page that tells people what to type in a mail program, for those that do not find it themselves.
#pragma once

#include "base/words.h"
#include "discovery/offer.h"

#include <string>
#include <string_view>

namespace tegami::discovery {

/// The page for an address in HTML, without scripts and without anything from elsewhere.
std::string settings_page(const Offer& offer, const message::EmailAddress& address, Language language);

/// The language that a browser asks for (Accept-Language, RFC 9110 §12.5.4); English if it wants neither.
Language language_wanted(std::string_view accept_language);

} // namespace tegami::discovery
