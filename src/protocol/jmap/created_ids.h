// The ids of what a request created, by the creation ids that the client gave them (RFC 8620 §3.3, §5.3): "#new" stands for
// one wherever an id may. A creation id used again means the latest.
#pragma once

#include "json/json.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmap {

class CreatedIds {
public:
    void add(std::string creation_id, std::string id) { ids_[std::move(creation_id)] = std::move(id); }

    /// The id that `text` stands for: of "#new" the created one, nothing if there is none; anything else is itself.
    std::optional<std::string> resolve(std::string_view text) const {
        if (!text.starts_with('#')) return std::string(text);
        const auto found = ids_.find(text.substr(1));
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

    json::object to_json() const {
        json::object all;
        for (const auto& [creation_id, id] : ids_)
            all[creation_id] = id;
        return all;
    }

private:
    std::map<std::string, std::string, std::less<>> ids_;
};

} // namespace tegami::jmap
