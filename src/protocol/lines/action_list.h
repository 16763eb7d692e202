// The actions of one turn of a session, in order: octets that are ready at once go out in one Send, and after Close
// nothing more comes.
#pragma once

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tegami::lines {

/// `Action` is a variant of the session's actions, among them `Send`, which has `bytes`, and `Close`.
template <class Action, class Send, class Close>
class ActionList {
public:
    void act(Action action) { actions_.push_back(std::move(action)); }

    /// Octets to write, behind those that are to be written already.
    void send(std::string_view bytes) {
        if (actions_.empty() || !std::holds_alternative<Send>(actions_.back())) act(Send{});
        std::get<Send>(actions_.back()).bytes += bytes;
    }

    /// Takes back what has not been handed out yet.
    template <class Predicate>
    void drop_if(Predicate predicate) {
        std::erase_if(actions_, predicate);
    }

    void close() {
        act(Close{});
        closed_ = true;
    }

    bool closed() const { return closed_; }

    /// What has gathered since the last time.
    std::vector<Action> take() { return std::exchange(actions_, {}); }

private:
    std::vector<Action> actions_;
    bool closed_ = false;
};

} // namespace tegami::lines
