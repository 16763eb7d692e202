#include "message/threads.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace tegami::message {

namespace {

constexpr std::uint32_t kNoNode = ThreadForest::kNone;
/// Limit: steps towards the root, beside kStepsPerLink for each link, in looking for loops. When they are used up, a link
/// that would need more is not made: only references that were made for it have so deep trees in so strange an order.
constexpr std::size_t kStepsAtFirst = 100'000;
constexpr std::size_t kStepsPerLink = 32;

/// Children of nodes as linked lists.
struct ThreadTree {
    struct Node {
        std::uint32_t parent = kNoNode;
        std::uint32_t first = kNoNode;
        std::uint32_t last = kNoNode;
        std::uint32_t next = kNoNode;
        std::uint32_t item = kNoNode; ///< nothing for a dummy
    };

    std::vector<Node> nodes;

    std::uint32_t add(std::uint32_t item) {
        nodes.push_back({.item = item});
        return static_cast<std::uint32_t>(nodes.size() - 1);
    }

    bool is_dummy(std::uint32_t node) const { return nodes[node].item == kNoNode; }

    void append(std::uint32_t parent, std::uint32_t child) { splice(parent, child, child); }

    /// Appends the row of siblings from `first` to `last`.
    void splice(std::uint32_t parent, std::uint32_t first, std::uint32_t last) {
        Node& to = nodes[parent];
        if (to.last == kNoNode)
            to.first = first;
        else
            nodes[to.last].next = first;
        to.last = last;
        nodes[last].next = kNoNode;
    }
};

/// Numbers by hashes that are mixed with a secret and never 0, so that looking at slots in a row is quick.
class NumbersByHash {
public:
    explicit NumbersByHash(std::size_t expected) : slots_(std::bit_ceil(2 * expected + 16)) {}

    /// The number of the hash, and whether it was not there: then it is to be set. Good until the next call.
    std::pair<std::uint32_t*, bool> try_emplace(std::uint64_t hash) {
        if (2 * ++used_ > slots_.size()) grow();
        Slot& slot = slot_of(hash);
        const bool is_new = slot.hash == 0;
        if (is_new)
            slot.hash = hash;
        else
            --used_;
        return {&slot.number, is_new};
    }

    /// Of a hash that is there.
    std::uint32_t at(std::uint64_t hash) { return slot_of(hash).number; }

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t number = 0;
    };

    Slot& slot_of(std::uint64_t hash) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hash & mask;
        while (slots_[at].hash != 0 && slots_[at].hash != hash)
            at = (at + 1) & mask;
        return slots_[at];
    }

    void grow() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old)
            if (slot.hash != 0) slot_of(slot.hash) = slot;
    }

    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

} // namespace

/// Different for different hashes; never 0.
std::uint64_t Threads::mix(std::uint64_t hash) const {
    hash ^= seed_;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    hash ^= hash >> 31;
    return hash == 0 ? 1 : hash;
}

std::uint64_t Threads::hash_of(std::string_view text) const {
    constexpr std::size_t kOctets = sizeof(std::uint64_t);
    std::uint64_t hash = seed_ + text.size();
    while (!text.empty()) {
        std::uint64_t octets = 0;
        std::memcpy(&octets, text.data(), std::min(kOctets, text.size()));
        hash = mix(hash ^ octets);
        text.remove_prefix(std::min(kOctets, text.size()));
    }
    return mix(hash);
}

void Threads::add(const Message& message) {
    Item item{.number = message.number, .date = message.date};
    if (algorithm_ != ThreadAlgorithm::refs) {
        item.is_reply = message.is_reply;
        if (!message.subject.empty()) item.subject = hash_of(message.subject);
    }
    item.references_begin = item.references_end = static_cast<std::uint32_t>(references_.size());
    if (algorithm_ != ThreadAlgorithm::ordered_subject) {
        if (message.id != 0) item.id = mix(message.id);
        for (const std::uint64_t id : message.references)
            references_.push_back(mix(id));
        item.references_end = static_cast<std::uint32_t>(references_.size());
    }
    items_.push_back(item);
}

std::size_t Threads::memory_bytes() const {
    constexpr std::size_t kBuildBytesOfItem = 150;
    // Most ids are named again and again.
    constexpr std::size_t kBuildBytesOfReference = 40;
    return items_.capacity() * sizeof(Item) + references_.capacity() * sizeof(std::uint64_t) +
           items_.size() * kBuildBytesOfItem + references_.size() * kBuildBytesOfReference;
}

/// REFERENCES and REFS, in the steps of RFC 5256 §3.
class Threads::ReferenceBuilder {
public:
    explicit ReferenceBuilder(const Threads& of) : of_(of), items_(of.items_), by_id_(of.items_.size()) {
        tree_.nodes.reserve(of.items_.size());
        children_.reserve(of.items_.size());
    }

    ThreadForest build() {
        link_all();
        gather();
        prune();
        sort_top();
        if (of_.algorithm_ == ThreadAlgorithm::references) {
            find_subjects();
            merge_subjects();
        }
        for (std::uint32_t node = 0; node < tree_.nodes.size(); ++node)
            sort_children(node);
        sort_top();
        return forest();
    }

private:
    // (1)

    std::uint32_t add(std::uint32_t item) {
        children_.push_back(0);
        return tree_.add(item);
    }

    std::uint32_t node_of(std::uint64_t id) {
        const auto [node, is_new] = by_id_.try_emplace(id);
        if (is_new) *node = add(kNoNode);
        return *node;
    }

    std::uint32_t node_of_message(std::uint32_t item) {
        const std::uint64_t id = items_[item].id;
        if (id == 0) return add(item);
        const std::uint32_t node = node_of(id);
        // Another message has this id already: this one has none.
        if (!tree_.is_dummy(node)) return add(item);
        tree_.nodes[node].item = item;
        return node;
    }

    /// True if `child` is above `parent` already; also if that cannot be found out within bounds.
    bool makes_loop(std::uint32_t parent, std::uint32_t child) {
        if (parent == child) return true;
        // What has no children is above nothing.
        if (children_[child] == 0) return false;
        for (std::uint32_t at = parent; at != kNoNode; at = tree_.nodes[at].parent) {
            if (at == child || steps_ == 0) return true;
            --steps_;
        }
        return false;
    }

    void link(std::uint32_t parent, std::uint32_t child) {
        steps_ += kStepsPerLink;
        if (makes_loop(parent, child)) return;
        tree_.nodes[child].parent = parent;
        ++children_[parent];
    }

    void link_all() {
        for (std::uint32_t item = 0; item < items_.size(); ++item) {
            std::uint32_t before = kNoNode;
            for (std::uint32_t at = items_[item].references_begin; at < items_[item].references_end; ++at) {
                const std::uint32_t node = node_of(of_.references_[at]);
                if (before != kNoNode && tree_.nodes[node].parent == kNoNode) link(before, node);
                before = node;
            }
            const std::uint32_t node = node_of_message(item);
            std::uint32_t& parent = tree_.nodes[node].parent;
            if (parent != kNoNode) --children_[parent];
            parent = kNoNode;
            if (before != kNoNode) link(before, node);
        }
    }

    // (2)

    void gather() {
        for (std::uint32_t node = 0; node < tree_.nodes.size(); ++node) {
            const std::uint32_t parent = tree_.nodes[node].parent;
            if (parent == kNoNode)
                top_.push_back(node);
            else
                tree_.append(parent, node);
        }
    }

    // (3)

    /// All nodes, each behind its parent.
    std::vector<std::uint32_t> downwards() const {
        std::vector<std::uint32_t> order;
        order.reserve(tree_.nodes.size());
        for (const std::uint32_t node : top_)
            if (node != kNoNode) order.push_back(node);
        for (std::size_t at = 0; at < order.size(); ++at)
            for (std::uint32_t child = tree_.nodes[order[at]].first; child != kNoNode; child = tree_.nodes[child].next)
                order.push_back(child);
        return order;
    }

    /// `from` has none afterwards.
    void take_children(std::uint32_t to, std::uint32_t from) {
        ThreadTree::Node& node = tree_.nodes[from];
        if (node.first != kNoNode) tree_.splice(to, node.first, node.last);
        node.first = node.last = kNoNode;
    }

    void prune() {
        const std::vector<std::uint32_t> order = downwards();
        for (auto at = order.rbegin(); at != order.rend(); ++at) {
            std::uint32_t child = std::exchange(tree_.nodes[*at].first, kNoNode);
            tree_.nodes[*at].last = kNoNode;
            while (child != kNoNode) {
                const std::uint32_t next = tree_.nodes[child].next;
                if (!tree_.is_dummy(child))
                    tree_.append(*at, child);
                else
                    take_children(*at, child);
                child = next;
            }
        }
        for (std::uint32_t& node : top_) {
            if (!tree_.is_dummy(node)) continue;
            const std::uint32_t child = tree_.nodes[node].first;
            if (child != kNoNode && tree_.nodes[child].next != kNoNode) continue;
            tree_.nodes[node].first = tree_.nodes[node].last = kNoNode;
            node = child; // which may be none
        }
        std::erase(top_, kNoNode);
    }

    // (4), (6)

    /// By what a node is sorted: a dummy, which stands at the top only, by its first child.
    std::pair<std::int64_t, std::uint32_t> place_of(std::uint32_t node) const {
        const ThreadTree::Node& at = tree_.nodes[node];
        const Item& item = items_[at.item == kNoNode ? tree_.nodes[at.first].item : at.item];
        return {item.date, item.number};
    }

    void sort_children(std::uint32_t node) {
        std::uint32_t child = tree_.nodes[node].first;
        if (child == kNoNode || tree_.nodes[child].next == kNoNode) return;
        std::vector<std::uint32_t> children;
        for (; child != kNoNode; child = tree_.nodes[child].next)
            children.push_back(child);
        std::ranges::sort(children, {}, [&](std::uint32_t each) { return place_of(each); });
        tree_.nodes[node].first = tree_.nodes[node].last = kNoNode;
        for (const std::uint32_t each : children)
            tree_.append(node, each);
    }

    void sort_top() {
        for (const std::uint32_t node : top_)
            if (tree_.is_dummy(node)) sort_children(node);
        if (of_.algorithm_ == ThreadAlgorithm::refs) {
            sort_top_by_newest();
            return;
        }
        std::ranges::sort(top_, {}, [&](std::uint32_t node) { return place_of(node); });
    }

    /// REFS: a thread stands where its newest message does.
    void sort_top_by_newest() {
        std::vector<std::pair<std::int64_t, std::uint32_t>> newest(tree_.nodes.size());
        const std::vector<std::uint32_t> order = downwards();
        for (auto at = order.rbegin(); at != order.rend(); ++at) {
            newest[*at] = std::max(newest[*at], place_of(*at));
            for (std::uint32_t child = tree_.nodes[*at].first; child != kNoNode; child = tree_.nodes[child].next)
                newest[*at] = std::max(newest[*at], newest[child]);
        }
        std::ranges::sort(top_, {}, [&](std::uint32_t node) { return newest[node]; });
    }

    // (5)

    const Item& subject_item(std::uint32_t node) const {
        return items_[tree_.nodes[tree_.is_dummy(node) ? tree_.nodes[node].first : node].item];
    }

    bool is_reply(std::uint32_t node) const { return !tree_.is_dummy(node) && subject_item(node).is_reply; }

    void find_subjects() {
        for (std::uint32_t at = 0; at < top_.size(); ++at) {
            const std::uint64_t subject = subject_item(top_[at]).subject;
            if (subject == 0) continue;
            const auto [place, is_new] = by_subject_.try_emplace(subject);
            if (is_new) *place = at;
            if (is_new || tree_.is_dummy(top_[*place])) continue;
            if (tree_.is_dummy(top_[at]) || (is_reply(top_[*place]) && !is_reply(top_[at]))) *place = at;
        }
    }

    void merge_subjects() {
        for (std::uint32_t at = 0; at < top_.size(); ++at) {
            const std::uint32_t node = top_[at];
            const std::uint64_t subject = subject_item(node).subject;
            if (subject == 0) continue;
            std::uint32_t& chosen = top_[by_subject_.at(subject)];
            if (&chosen == &top_[at]) continue;
            const bool both_dummies = tree_.is_dummy(chosen) && tree_.is_dummy(node);
            if (both_dummies) {
                take_children(chosen, node);
            } else if (tree_.is_dummy(chosen) || (is_reply(node) && !is_reply(chosen))) {
                tree_.append(chosen, node);
            } else {
                const std::uint32_t dummy = tree_.add(kNoNode);
                tree_.append(dummy, chosen);
                tree_.append(dummy, node);
                chosen = dummy;
            }
            merged_.push_back(at);
        }
        for (const std::uint32_t at : merged_)
            top_[at] = kNoNode;
        std::erase(top_, kNoNode);
    }

    ThreadForest forest() const {
        ThreadForest forest;
        forest.nodes.reserve(tree_.nodes.size());
        for (const ThreadTree::Node& node : tree_.nodes)
            forest.nodes.push_back({.number = node.item == kNoNode ? 0 : items_[node.item].number,
                                    .first_child = node.first,
                                    .next = node.next});
        for (std::size_t at = 0; at < top_.size(); ++at)
            forest.nodes[top_[at]].next = at + 1 < top_.size() ? top_[at + 1] : kNoNode;
        if (!top_.empty()) forest.first = top_.front();
        return forest;
    }

    const Threads& of_;
    const std::vector<Item>& items_;
    ThreadTree tree_;
    NumbersByHash by_id_;
    std::vector<std::uint32_t> children_; // how many, of each node, while links are made
    std::size_t steps_ = kStepsAtFirst;
    std::vector<std::uint32_t> top_;
    NumbersByHash by_subject_{0};       // to the place in top_
    std::vector<std::uint32_t> merged_; // places in top_ that are elsewhere now
};

/// ORDEREDSUBJECT: one thread for each base subject, the oldest message with all others as its children.
class Threads::SubjectBuilder {
public:
    explicit SubjectBuilder(const Threads& of) : items_(of.items_) {}

    ThreadForest build() {
        std::vector<std::uint32_t> order(items_.size());
        for (std::uint32_t item = 0; item < order.size(); ++item)
            order[item] = item;
        std::ranges::sort(order, {},
                          [&](std::uint32_t item) { return std::pair(items_[item].date, items_[item].number); });
        ThreadForest forest;
        forest.nodes.resize(items_.size());
        std::unordered_map<std::uint64_t, std::uint32_t> first; // of a subject
        std::vector<std::uint32_t> last_child(items_.size(), kNoNode);
        std::uint32_t last = kNoNode;
        // In the order of dates, so threads stand by their first message and children rise.
        for (const std::uint32_t item : order) {
            forest.nodes[item].number = items_[item].number;
            const auto [place, is_new] = first.try_emplace(items_[item].subject, item);
            std::uint32_t& before = is_new ? last : last_child[place->second];
            std::uint32_t& head = is_new ? forest.first : forest.nodes[place->second].first_child;
            if (before == kNoNode)
                head = item;
            else
                forest.nodes[before].next = item;
            before = item;
        }
        return forest;
    }

private:
    const std::vector<Item>& items_;
};

ThreadForest Threads::build() && {
    if (algorithm_ == ThreadAlgorithm::ordered_subject) return SubjectBuilder(*this).build();
    return ReferenceBuilder(*this).build();
}

} // namespace tegami::message
