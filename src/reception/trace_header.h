// The trace fields that every server puts in front of a message (RFC 5321 §4.4).
#pragma once

#include "base/clock.h"
#include "message/address.h"
#include "reception/client.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::reception {

struct Trace {
    std::string by_host;
    std::string id;
    /// The recipient, if there is one only: others would learn of it (RFC 5321 §7.2).
    std::optional<message::EmailAddress> recipient;
    Timestamp time;
};

/// The Received field with its line end.
/// Deviation: for a user who logged in it does not say from where: RFC 5321 §4.4 asks for the client's address, but it
/// tells every recipient where the sender was.
std::string received_field(const Client& client, const Trace& trace);

/// The Return-Path field with its line end; no address for "<>". Queued messages begin with it, and relay/ leaves it
/// out again: it is for final delivery (RFC 5321 §4.4).
std::string return_path_field(const std::optional<message::EmailAddress>& reverse_path);

} // namespace tegami::reception
