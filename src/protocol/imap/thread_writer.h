// The THREAD answer (RFC 5256 §4): a forest of messages in nested parentheses, written in pieces.
#pragma once

#include "message/threads.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tegami::imap {

/// Writes "* THREAD (2)(3 6 (4 23)(44 7 96))", without recursion: a tree may be as deep as there are messages.
class ThreadWriter {
public:
    /// `forest` outlives it.
    explicit ThreadWriter(const message::ThreadForest* forest) : forest_(forest) {}

    /// Appends the next nodes, at most `nodes_max`; false once the line is complete, with its end. `name` gives what is
    /// written for a message's number: itself, or its UID.
    bool write(std::string& out, std::size_t nodes_max, const std::function<std::uint32_t(std::uint32_t)>& name);

private:
    void open(std::string& out, std::uint32_t node);

    const message::ThreadForest* forest_;
    bool begun_ = false;
    std::uint32_t at_ = message::ThreadForest::kNone;
    std::vector<std::uint32_t> open_; ///< nodes at which parentheses are open
    bool after_number_ = false;
};

} // namespace tegami::imap
