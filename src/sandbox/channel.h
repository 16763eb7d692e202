// How a confined process is given open files that it could not open itself.
#pragma once

#include "base/descriptor.h"
#include "base/result.h"

#include <optional>
#include <string>

namespace tegami::sandbox {

/// Two ends, closed when a program is started.
struct Channel {
    Descriptor ours;
    Descriptor theirs;
};

/// The error is a sentence.
Result<Channel, std::string> make_channel();

struct HandedOver {
    Descriptor first;
    Descriptor second;
};

/// Gives the other end two files; they stay open here, too. False: it is gone.
bool hand_over(int channel, int first, int second);
/// Waits for the next two. Nothing: the other end is gone.
std::optional<HandedOver> take_over(int channel);

} // namespace tegami::sandbox
