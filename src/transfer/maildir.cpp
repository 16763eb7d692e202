#include "transfer/maildir.h"

#include "base/ascii.h"
#include "message/utf8.h"
#include "protocol/imap/mailbox_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::transfer {

namespace {

constexpr std::size_t kFileNameBytesMax = 255;
constexpr std::size_t kSubscriptionsMax = 10'000;
constexpr std::string_view kMarksBegin = ":2,";

/// UTF-8 of a name in modified UTF-7, or of one that is UTF-8 already. A slash would be a level of its own.
std::optional<std::string> read_level(std::string_view level) {
    if (level.empty()) return std::nullopt;
    if (const std::size_t dot = level.find("&AC4-"); dot != std::string_view::npos) {
        // Not the one right spelling of a dot, and the one that we write.
        const std::string_view before = level.substr(0, dot);
        const std::string_view behind = level.substr(dot + 5);
        const auto first = before.empty() ? std::optional<std::string>("") : read_level(before);
        const auto last = behind.empty() ? std::optional<std::string>("") : read_level(behind);
        if (!first || !last) return std::nullopt;
        return *first + '.' + *last;
    }
    const auto decoded = imap::decode_modified_utf7(level);
    std::string name = decoded ? *decoded : message::repair_utf8(level);
    std::ranges::replace_if(name, [](char c) { return c == '/' || ascii::is_control(c); }, '_');
    return name;
}

std::optional<std::string> join(const std::vector<std::string_view>& levels) {
    if (levels.size() > 32) return std::nullopt;
    std::string name;
    for (const std::string_view level : levels) {
        const auto read = read_level(level);
        if (!read) return std::nullopt;
        name += (name.empty() ? "" : "/") + *read;
    }
    return name;
}

/// Courier's `INBOX.Sent` is the folder `.Sent`.
std::optional<std::string> subscribed_mailbox(std::vector<std::string_view> levels) {
    if (levels.size() > 1 && levels.front() == "INBOX") levels.erase(levels.begin());
    return join(levels);
}

std::uint64_t time_of(std::string_view file_name) {
    const std::size_t end = file_name.find_first_not_of("0123456789");
    return ascii::parse_number<std::uint64_t>(file_name.substr(0, end)).value_or(0);
}

} // namespace

KeywordLetters parse_keyword_letters(std::string_view text) {
    KeywordLetters keywords;
    for (const std::string_view line : ascii::split(text, '\n')) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) continue;
        const auto number = ascii::parse_number<std::uint32_t>(line.substr(0, space));
        if (number && *number < keywords.size()) keywords[*number] = ascii::trim(line.substr(space + 1));
    }
    return keywords;
}

std::string print_keyword_letters(const KeywordLetters& keywords) {
    std::string text;
    for (std::size_t at = 0; at < keywords.size(); ++at)
        if (!keywords[at].empty()) text += fmt::format("{} {}\n", at, keywords[at]);
    return text;
}

Marks parse_name_marks(std::string_view file_name, const KeywordLetters& keywords) {
    Marks marks;
    const std::size_t begin = file_name.rfind(kMarksBegin);
    if (begin == std::string_view::npos) return marks;
    for (const char letter : file_name.substr(begin + kMarksBegin.size())) {
        if (letter == ',') break;
        if (letter == 'P')
            add_keyword(marks, "$Forwarded");
        else if (ascii::is_lower(letter))
            add_keyword(marks, keywords[static_cast<std::size_t>(letter - 'a')]);
        else
            add_letter(marks, letter);
    }
    return marks;
}

std::string print_name_marks(const Marks& marks, KeywordLetters& keywords, std::size_t& left_out) {
    std::string letters;
    for (const std::string& keyword : marks.keywords) {
        auto place = std::ranges::find_if(keywords, [&](const auto& known) { return ascii::iequals(known, keyword); });
        if (place == keywords.end()) place = std::ranges::find(keywords, "");
        if (place == keywords.end()) {
            ++left_out;
            continue;
        }
        *place = keyword;
        letters += static_cast<char>('a' + (place - keywords.begin()));
    }
    std::ranges::sort(letters);
    return fmt::format("{}{}{}", kMarksBegin, marks.letters, letters);
}

std::string_view base_of(std::string_view file_name) {
    return file_name.substr(0, file_name.find(':'));
}

bool is_earlier(std::string_view file_name, std::string_view other) {
    const std::uint64_t time = time_of(file_name);
    const std::uint64_t other_time = time_of(other);
    return time != other_time ? time < other_time : file_name < other;
}

std::optional<std::string> mailbox_of_folder(std::string_view folder) {
    if (!folder.starts_with('.')) return std::nullopt;
    return join(ascii::split(folder.substr(1), '.'));
}

std::optional<std::string> folder_of_mailbox(std::string_view mailbox) {
    if (mailbox == "INBOX") return "";
    std::string folder;
    for (const std::string_view level : ascii::split(mailbox, '/')) {
        folder += '.';
        const std::string encoded = imap::encode_modified_utf7(level);
        for (const char c : encoded)
            folder += c == '.' ? std::string("&AC4-") : std::string(1, c);
    }
    if (folder.size() > kFileNameBytesMax) return std::nullopt;
    return folder;
}

std::vector<std::string> parse_subscriptions(std::string_view text) {
    std::vector<std::string> mailboxes;
    const bool second = text.starts_with("V\t2");
    for (std::string_view line : ascii::split(text, '\n')) {
        line = line.substr(0, line.find_last_not_of('\r') + 1);
        if (line.empty() || (second && line.starts_with("V\t"))) continue;
        const auto mailbox = subscribed_mailbox(ascii::split(line, second ? '\t' : '.'));
        if (mailbox && mailboxes.size() < kSubscriptionsMax) mailboxes.push_back(*mailbox);
    }
    return mailboxes;
}

std::string print_subscriptions(const std::vector<std::string>& mailboxes) {
    std::string text = "V\t2\n\n";
    for (const std::string& mailbox : mailboxes) {
        std::string line = imap::encode_modified_utf7(mailbox);
        std::ranges::replace(line, '/', '\t');
        text += line + '\n';
    }
    return text;
}

std::map<std::string, std::uint32_t, std::less<>> parse_uid_list(std::string_view text) {
    std::map<std::string, std::uint32_t, std::less<>> uids;
    bool first = true;
    for (const std::string_view line : ascii::split(text, '\n')) {
        const bool is_head = std::exchange(first, false);
        const std::size_t name = line.find(" :");
        const auto uid = ascii::parse_number<std::uint32_t>(line.substr(0, line.find(' ')));
        if (!is_head && uid && name != std::string_view::npos) uids.emplace(base_of(line.substr(name + 2)), *uid);
    }
    return uids;
}

std::string print_uid_list(std::uint32_t uid_validity, const std::vector<std::string>& bases) {
    std::string text = fmt::format("3 V{} N{}\n", uid_validity, bases.size() + 1);
    for (std::size_t at = 0; at < bases.size(); ++at)
        text += fmt::format("{} :{}\n", at + 1, bases[at]);
    return text;
}

} // namespace tegami::transfer
