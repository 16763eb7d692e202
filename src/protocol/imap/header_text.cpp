#include "protocol/imap/header_text.h"

#include "base/ascii.h"
#include "message/date.h"
#include "message/readable_text.h"
#include "message/text.h"

namespace tegami::imap {

std::optional<std::chrono::sys_days> HeaderText::sent_day() const {
    const std::optional<std::string> value = header_.value("Date");
    const std::optional<message::DateTime> date = value ? message::parse_date(*value) : std::nullopt;
    return date ? std::optional(date->local_day()) : std::nullopt;
}

const std::string& HeaderText::folded_value(std::size_t index) const {
    std::optional<std::string>& folded = folded_[index];
    if (!folded) {
        folded.emplace();
        for (const std::string& text : message::field_texts(header_, header_.fields()[index])) {
            // Folded texts have no line end, so that no text of a search is found across two of them.
            if (!folded->empty()) *folded += '\n';
            *folded += message::fold_for_search(text);
        }
    }
    return *folded;
}

bool HeaderText::field_contains(std::string_view name, const std::string& folded_text) const {
    for (std::size_t index = 0; index < folded_.size(); ++index) {
        if (!ascii::iequals(header_.name(header_.fields()[index]), name)) continue;
        if (folded_text.empty() || folded_value(index).contains(folded_text)) return true;
    }
    return false;
}

bool HeaderText::contains(const std::string& folded_text) const {
    for (std::size_t index = 0; index < folded_.size(); ++index) {
        std::string line = ascii::lower(header_.name(header_.fields()[index]));
        line += ": ";
        line += folded_value(index);
        if (line.contains(folded_text)) return true;
    }
    return false;
}

} // namespace tegami::imap
