// Long operations that somebody watches: who asks for one gives it a name, and asks /progress by it meanwhile. Any thread.
#pragma once

#include "admin/operation.h"
#include "base/progress.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tegami::admin {

/// Limit: octets of a name.
inline constexpr std::size_t kProgressNameBytesMax = 64;
/// Limit: operations that have a name at once. Of more, nobody can ask how far they are.
inline constexpr std::size_t kProgressNamesMax = 64;

class ProgressBoard {
public:
    /// An operation's place, until it ends.
    class Place {
    public:
        Place(ProgressBoard* board, std::string name, ProgressPtr progress)
            : board_(board), name_(std::move(name)), progress_(std::move(progress)) {}

        Place(Place&& other) noexcept
            : board_(std::exchange(other.board_, nullptr)), name_(std::move(other.name_)),
              progress_(std::move(other.progress_)) {}

        Place& operator=(Place&&) = delete;
        ~Place();

        const ProgressPtr& progress() const { return progress_; }

    private:
        ProgressBoard* board_; ///< null: it has no name
        std::string name_;
        ProgressPtr progress_;
    };

    /// A place under the name that the request gives in "progress"; without one, nobody finds it. Refused: a name that is
    /// too long or in use.
    Result<Place, Refusal> place(const json::object& request);

    /// How far the operation of this name is; nothing if there is none.
    std::optional<Progress::Step> find(const std::string& name) const;

private:
    mutable std::mutex guard_;
    std::map<std::string, ProgressPtr> named_;
};

} // namespace tegami::admin
