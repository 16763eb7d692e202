#include "transfer/imap_response.h"

#include "base/ascii.h"
#include "message/date.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::transfer {

namespace {

struct StatusWord {
    std::string_view word;
    ImapStatus::Kind kind;
};

constexpr StatusWord kStatusWords[] = {{"OK", ImapStatus::Kind::ok},
                                       {"NO", ImapStatus::Kind::no},
                                       {"BAD", ImapStatus::Kind::bad},
                                       {"BYE", ImapStatus::Kind::bye},
                                       {"PREAUTH", ImapStatus::Kind::preauth}};

std::optional<ImapStatus::Kind> status_kind(std::string_view word) {
    for (const StatusWord& each : kStatusWords)
        if (ascii::iequals(word, each.word)) return each.kind;
    return std::nullopt;
}

/// The octets that `{n}` at the end of a line says will follow, and where it begins (RFC 9051 §4.3, RFC 3516 §4.4).
struct Announced {
    std::uint64_t bytes = 0;
    std::size_t begin = 0;
};

std::optional<Announced> announced_literal(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    std::size_t begin = line.rfind('{');
    if (begin == std::string_view::npos) return std::nullopt;
    std::string_view number = line.substr(begin + 1, line.size() - begin - 2);
    if (number.ends_with('+')) number.remove_suffix(1);
    const auto bytes = ascii::parse_number<std::uint64_t>(number);
    if (!bytes) return std::nullopt;
    if (begin > 0 && line[begin - 1] == '~') --begin;
    return Announced{*bytes, begin};
}

/// A place in a response.
class Scan {
public:
    explicit Scan(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ >= text_.size(); }

    bool accept(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool next_is(char c) const { return !at_end() && text_[at_] == c; }

    std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }

    /// Up to a space, a parenthesis or the end.
    std::string_view word() {
        const std::size_t begin = at_;
        while (!at_end() && text_[at_] != ' ' && text_[at_] != '(' && text_[at_] != ')')
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    /// The name of a FETCH item: what stands between its brackets belongs to it.
    std::string_view item() {
        const std::size_t begin = at_;
        bool in_brackets = false;
        while (!at_end() && (in_brackets || (text_[at_] != ' ' && text_[at_] != ')'))) {
            if (text_[at_] == '[') in_brackets = true;
            if (text_[at_] == ']') in_brackets = false;
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }

    /// A string between quotes, a literal, or a word; NIL is empty. Nothing: it is cut off.
    std::optional<std::string> string() {
        if (next_is('"')) return quoted();
        if (next_is('{') || next_is('~')) return literal();
        const std::string_view found = word();
        return std::string(ascii::iequals(found, "NIL") ? std::string_view() : found);
    }

    /// Steps over one value, be it a list of lists. False: it is cut off.
    bool skip() {
        std::size_t open = 0;
        do {
            if (accept('(')) {
                ++open;
            } else if (open > 0 && accept(')')) {
                --open;
            } else if (open > 0 && accept(' ')) {
                continue;
            } else {
                const std::size_t before = at_;
                if (!string() || at_ == before) return false;
            }
        } while (open > 0);
        return true;
    }

private:
    std::optional<std::string> quoted() {
        std::string found;
        for (++at_; !at_end(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                return found;
            }
            if (text_[at_] == '\\' && ++at_ >= text_.size()) return std::nullopt;
            found += text_[at_];
        }
        return std::nullopt;
    }

    std::optional<std::string> literal() {
        const std::size_t end = text_.find("\r\n", at_);
        if (end == std::string_view::npos) return std::nullopt;
        const auto announced = announced_literal(text_.substr(at_, end - at_));
        at_ = end + 2;
        if (!announced || announced->begin != 0 || announced->bytes > text_.size() - at_) return std::nullopt;
        const std::string_view found = text_.substr(at_, announced->bytes);
        at_ += announced->bytes;
        return std::string(found);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void add_flag(Marks& marks, std::string_view flag) {
    constexpr std::pair<std::string_view, char> kFlags[] = {
        {"\\Seen", 'S'}, {"\\Answered", 'R'}, {"\\Flagged", 'F'}, {"\\Deleted", 'T'}, {"\\Draft", 'D'}};
    for (const auto& [name, letter] : kFlags)
        if (ascii::iequals(flag, name)) return add_letter(marks, letter);
    if (!flag.starts_with('\\')) add_keyword(marks, flag);
}

/// `17-Jul-1996 02:44:25 -0700` (RFC 9051 §9, date-time).
std::optional<std::int64_t> parse_internal_date(std::string text) {
    if (text.size() < 12) return std::nullopt;
    for (const std::size_t at : {std::size_t{2}, std::size_t{6}})
        if (text[at] == '-') text[at] = ' ';
    const auto date = message::parse_date(text);
    if (!date) return std::nullopt;
    return std::clamp(std::int64_t{date->utc.time_since_epoch().count()}, -kDateMax, kDateMax);
}

/// What stands behind an item's name. False: the rest cannot be read.
bool take_item(Scan& scan, std::string_view item, ImapFetched& fetched) {
    if (ascii::iequals(item, "FLAGS")) {
        if (!scan.accept('(')) return false;
        while (!scan.accept(')')) {
            const std::string_view flag = scan.word();
            if (flag.empty() && !scan.next_is(' ')) return false;
            add_flag(fetched.marks, flag);
            scan.accept(' ');
        }
        return true;
    }
    const bool is_body = ascii::iequals(item, "BODY[]");
    const bool is_header = ascii::istarts_with(item, "BODY[HEADER.FIELDS");
    const bool is_date = ascii::iequals(item, "INTERNALDATE");
    const bool is_uid = ascii::iequals(item, "UID");
    if (!is_body && !is_header && !is_date && !is_uid && !ascii::iequals(item, "RFC822.SIZE")) return scan.skip();
    std::optional<std::string> value = scan.string();
    if (!value) return false;
    if (is_body) {
        fetched.has_body = true;
        fetched.body = *std::move(value);
    } else if (is_header) {
        fetched.header = *std::move(value);
    } else if (is_date) {
        fetched.date = parse_internal_date(*std::move(value));
    } else if (is_uid) {
        fetched.uid = ascii::parse_number<std::uint32_t>(*value).value_or(0);
    } else {
        fetched.bytes = ascii::parse_number<std::uint64_t>(*value);
    }
    return true;
}

ImapResponse parse_fetch(Scan& scan) {
    ImapFetched fetched;
    if (!scan.accept('(')) return ImapOther{};
    while (!scan.accept(')')) {
        const std::string_view item = scan.item();
        if (item.empty() || !scan.accept(' ') || !take_item(scan, item, fetched)) return ImapOther{};
        scan.accept(' ');
    }
    return fetched;
}

ImapResponse parse_listed(Scan& scan, bool is_subscription) {
    ImapListed listed{.attributes = {}, .delimiter = '\0', .name = {}, .is_subscription = is_subscription};
    if (!scan.accept('(')) return ImapOther{};
    while (!scan.accept(')')) {
        const std::string_view attribute = scan.word();
        if (attribute.empty() && !scan.next_is(' ')) return ImapOther{};
        listed.attributes.insert(ascii::lower(attribute));
        scan.accept(' ');
    }
    if (!scan.accept(' ')) return ImapOther{};
    const auto delimiter = scan.string();
    if (!delimiter || delimiter->size() > 1 || !scan.accept(' ')) return ImapOther{};
    if (!delimiter->empty()) listed.delimiter = delimiter->front();
    // A parenthesis may stand in a name that some servers send without quotes.
    auto name = scan.next_is('"') || scan.next_is('{') ? scan.string() : std::string(scan.rest());
    if (!name || name->empty()) return ImapOther{};
    listed.name = *std::move(name);
    return listed;
}

/// RFC 2342 §5: three lists of (prefix delimiter), each of which may be NIL.
ImapResponse parse_namespaces(Scan& scan) {
    ImapNamespaces namespaces;
    for (int kind = 0; kind < 3; ++kind) {
        if (kind > 0 && !scan.accept(' ')) return ImapOther{};
        if (!scan.accept('(')) {
            if (!scan.string()) return ImapOther{};
            continue;
        }
        while (scan.accept('(')) {
            auto prefix = scan.string();
            if (!prefix) return ImapOther{};
            (kind == 0 ? namespaces.personal : namespaces.others).push_back(*std::move(prefix));
            while (scan.accept(' '))
                if (!scan.skip()) return ImapOther{};
            if (!scan.accept(')')) return ImapOther{};
            scan.accept(' ');
        }
        if (!scan.accept(')')) return ImapOther{};
    }
    return namespaces;
}

ImapResponse parse_mailbox_status(Scan& scan) {
    ImapMailboxStatus status;
    if (!scan.string() || !scan.accept(' ') || !scan.accept('(')) return ImapOther{};
    while (!scan.accept(')')) {
        const std::string item(scan.word());
        if (item.empty() || !scan.accept(' ')) return ImapOther{};
        const auto value = scan.string();
        if (!value) return ImapOther{};
        const auto number = ascii::parse_number<std::uint64_t>(*value);
        if (number && ascii::iequals(item, "MESSAGES")) status.messages = *number;
        if (number && ascii::iequals(item, "SIZE")) status.bytes = number;
        scan.accept(' ');
    }
    return status;
}

ImapResponse parse_capabilities(std::string_view text) {
    ImapCapabilities found;
    for (const std::string_view name : ascii::split(text, ' '))
        if (!name.empty()) found.names.insert(ascii::upper(name));
    return found;
}

ImapResponse parse_numbered(Scan& scan, std::string_view written) {
    const auto number = ascii::parse_number<std::uint32_t>(written);
    const std::string_view word = scan.word();
    if (number && ascii::iequals(word, "EXISTS")) return ImapExists{*number};
    if (number && ascii::iequals(word, "FETCH") && scan.accept(' ')) return parse_fetch(scan);
    return ImapOther{};
}

} // namespace

ImapResponse parse_imap_response(std::string_view text) {
    if (text == "+" || text.starts_with("+ "))
        return ImapContinuation{std::string(text.substr(std::min(text.size(), std::size_t{2})))};
    Scan scan(text);
    const std::string_view tag = scan.word();
    if (tag.empty() || !scan.accept(' ')) return ImapOther{};
    const std::string_view word = scan.word();
    scan.accept(' ');
    if (const auto kind = status_kind(word)) return ImapStatus{std::string(tag), *kind, std::string(scan.rest())};
    if (tag != "*") return ImapOther{};
    if (ascii::iequals(word, "CAPABILITY")) return parse_capabilities(scan.rest());
    if (ascii::iequals(word, "LIST")) return parse_listed(scan, false);
    if (ascii::iequals(word, "LSUB")) return parse_listed(scan, true);
    if (ascii::iequals(word, "NAMESPACE")) return parse_namespaces(scan);
    if (ascii::iequals(word, "STATUS")) return parse_mailbox_status(scan);
    return parse_numbered(scan, word);
}

void ImapResponseReader::feed(std::string_view octets) {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        scanned_ -= std::min(scanned_, at_);
        at_ = 0;
    }
    buffer_ += octets;
}

ImapResponseReader::Event ImapResponseReader::malformed() {
    is_malformed_ = true;
    buffer_.clear();
    response_.clear();
    at_ = scanned_ = 0;
    return Malformed{};
}

ImapResponseReader::Event ImapResponseReader::next() {
    while (!is_malformed_) {
        if (literal_left_ > 0) {
            const std::size_t bytes = std::min<std::uint64_t>(literal_left_, buffer_.size() - at_);
            if (bytes == 0) return NeedMore{};
            std::string octets = buffer_.substr(at_, bytes);
            at_ += bytes;
            literal_left_ -= bytes;
            if (in_body_) return BodyOctets{std::move(octets)};
            response_ += octets;
            continue;
        }
        const std::size_t end = buffer_.find('\n', std::max(at_, scanned_));
        const std::size_t line_bytes = std::min(end, buffer_.size()) - at_;
        if (response_.size() + line_bytes > kImapResponseBytesMax) return malformed();
        if (end == std::string::npos) {
            scanned_ = buffer_.size();
            return NeedMore{};
        }
        std::string_view line = std::string_view(buffer_).substr(at_, line_bytes);
        at_ = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (auto event = take_line(line)) return *std::move(event);
    }
    return Malformed{};
}

std::optional<ImapResponseReader::Event> ImapResponseReader::take_line(std::string_view line) {
    in_body_ = false;
    response_ += line;
    // What looks like a literal at the end of a sentence is none.
    Scan scan(response_);
    const bool is_untagged = scan.word() == "*" && scan.accept(' ');
    const auto literal = is_untagged && !status_kind(scan.word()) ? announced_literal(line) : std::nullopt;
    if (!literal) {
        had_body_ = false;
        return parse_imap_response(std::exchange(response_, {}));
    }
    const std::string_view before = line.substr(0, literal->begin);
    constexpr std::string_view kBody = "BODY[] ";
    const bool is_body =
        before.size() >= kBody.size() && ascii::iequals(before.substr(before.size() - kBody.size()), kBody);
    if (is_body) {
        if (had_body_ || literal->bytes > kImapBodyBytesMax) return malformed();
        response_.resize(response_.size() - (line.size() - literal->begin));
        response_ += "{0}\r\n";
        had_body_ = in_body_ = true;
        literal_left_ = literal->bytes;
        return BodyBegin{};
    }
    response_ += "\r\n";
    if (literal->bytes > kImapResponseBytesMax - std::min(response_.size(), kImapResponseBytesMax)) return malformed();
    literal_left_ = literal->bytes;
    return std::nullopt;
}

std::optional<std::string> quoted_for_imap(std::string_view octets) {
    std::string quoted = "\"";
    for (const char c : octets) {
        if (c == '\r' || c == '\n' || c == '\0') return std::nullopt;
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string print_imap_set(const std::vector<std::uint32_t>& uids) {
    std::string set;
    for (std::size_t at = 0; at < uids.size();) {
        std::size_t last = at;
        while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1)
            ++last;
        if (!set.empty()) set += ',';
        set += last == at ? fmt::format("{}", uids[at]) : fmt::format("{}:{}", uids[at], uids[last]);
        at = last + 1;
    }
    return set;
}

} // namespace tegami::transfer
