// Shows on the terminal how far a long operation is, from a thread of its own, while the caller waits for the answer.
#pragma once

#include "admin/progress_board.h"

#include <optional>
#include <string>
#include <thread>

namespace tegami::app {

class ProgressWatch {
public:
    /// A name that no other command has.
    static std::string new_name();

    /// Watches what this program does, or else what the server at `socket` does, under this name. `here` outlives it.
    ProgressWatch(std::string name, const admin::ProgressBoard& here, std::string socket);
    /// Takes the line away.
    ~ProgressWatch();
    ProgressWatch(const ProgressWatch&) = delete;
    ProgressWatch& operator=(const ProgressWatch&) = delete;

private:
    void run(const std::stop_token& ended) const;
    std::optional<Progress::Step> look() const;

    const std::string name_;
    const admin::ProgressBoard& here_;
    const std::string socket_;
    std::jthread thread_;
};

} // namespace tegami::app
