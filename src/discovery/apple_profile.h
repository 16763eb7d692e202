// A configuration profile of Apple: an account of mail that iPhone, iPad and Mac add when somebody opens it.
#pragma once

#include "discovery/offer.h"

#include <string>

namespace tegami::discovery {

/// The profile for an address as a property list, still to be signed; IMAP if it is offered, else POP3. The device asks
/// for the password. The same address gives the same profile, so that opening it again replaces the first.
std::string apple_profile(const Offer& offer, const message::EmailAddress& address);

} // namespace tegami::discovery
