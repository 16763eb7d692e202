#include "protocol/imap/thread_writer.h"

namespace tegami::imap {

namespace {

constexpr std::uint32_t kNoNode = message::ThreadForest::kNone;

} // namespace

void ThreadWriter::open(std::string& out, std::uint32_t node) {
    // RFC 5256 §5, thread-members: a space stands between a number and what is nested behind it.
    if (after_number_) out += ' ';
    after_number_ = false;
    out += '(';
    open_.push_back(node);
    at_ = node;
}

bool ThreadWriter::write(std::string& out, std::size_t nodes_max,
                         const std::function<std::uint32_t(std::uint32_t)>& name) {
    const std::vector<message::ThreadForest::Node>& nodes = forest_->nodes;
    if (!begun_) {
        begun_ = true;
        out += "* THREAD";
        if (forest_->first != kNoNode) {
            out += ' ';
            open(out, forest_->first);
        }
    }
    for (std::size_t written = 0; written < nodes_max && at_ != kNoNode; ++written) {
        const message::ThreadForest::Node& node = nodes[at_];
        if (node.number != 0) {
            if (after_number_) out += ' ';
            out += std::to_string(name(node.number));
            after_number_ = true;
        }
        const std::uint32_t child = node.first_child;
        if (child != kNoNode && nodes[child].next == kNoNode) {
            at_ = child;
            continue;
        }
        if (child != kNoNode) {
            open(out, child);
            continue;
        }
        at_ = kNoNode;
        after_number_ = false;
        while (at_ == kNoNode && !open_.empty()) {
            const std::uint32_t closed = open_.back();
            open_.pop_back();
            out += ')';
            if (nodes[closed].next != kNoNode) open(out, nodes[closed].next);
        }
    }
    if (at_ != kNoNode) return true;
    out += "\r\n";
    return false;
}

} // namespace tegami::imap
