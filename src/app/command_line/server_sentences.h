// The tables of server_words.h that fill a file each: sentences by their pattern, more special ones first.
#pragma once

#include "base/words.h"

#include <span>

namespace tegami::app {

/// What DNS records are for, and what is wrong with them (dns_setup).
std::span<const Words> dns_sentences();

/// What hurts mail, and what an operator should look at (health, admin/server_warnings).
std::span<const Words> health_sentences();

/// What was damaged in a store, and what became of it.
std::span<const Words> repair_sentences();

/// What the keys of the configuration mean.
std::span<const Words> settings_sentences();

} // namespace tegami::app
