#include "protocol/jmap/mail/body_lists.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::jmap {

namespace {

using message::Part;
using message::PartKind;

bool is_media(const Part& part) {
    const std::string& type = part.content_type.type;
    return type == "image" || type == "audio" || type == "video";
}

bool is_plain(const Part& part) {
    return part.content_type.is("text", "plain");
}

bool is_html(const Part& part) {
    return part.content_type.is("text", "html");
}

bool is_attached(const Part& part) {
    return part.disposition && part.disposition->type == "attachment";
}

/// RFC 8621 §4.1.4, the algorithm that it suggests. A list that is null does not take what follows: the alternative that
/// is under way belongs to the other one.
class Sorter {
public:
    explicit Sorter(BodyLists& lists) : lists_(lists) {}

    void sort(const std::vector<Part>& parts, std::string_view multipart, bool in_alternative, bool to_text,
              bool to_html) {
        const std::size_t texts = lists_.text.size();
        const std::size_t htmls = lists_.html.size();
        for (const Part& part : parts) {
            if (part.kind == PartKind::multipart) {
                const std::string& inner = part.content_type.subtype;
                sort(part.children, inner, in_alternative || inner == "alternative", to_text, to_html);
            } else if (!is_shown(part, &part == &parts.front(), multipart)) {
                lists_.attachments.push_back(&part);
            } else if (multipart == "alternative") {
                if (is_plain(part) && to_text)
                    lists_.text.push_back(&part);
                else if (is_html(part) && to_html)
                    lists_.html.push_back(&part);
                else if (!is_plain(part) && !is_html(part))
                    lists_.attachments.push_back(&part);
            } else {
                if (in_alternative && is_plain(part)) to_html = false;
                if (in_alternative && is_html(part)) to_text = false;
                if (to_text) lists_.text.push_back(&part);
                if (to_html) lists_.html.push_back(&part);
                if ((!to_text || !to_html) && is_media(part)) lists_.attachments.push_back(&part);
            }
        }
        if (multipart == "alternative" && to_text && to_html) share_the_only_one(texts, htmls);
    }

    /// Whether it is part of what is read, and not a file.
    static bool is_shown(const Part& part, bool first, std::string_view multipart) {
        if (is_attached(part) || !(is_plain(part) || is_html(part) || is_media(part))) return false;
        return first || (multipart != "related" && (is_media(part) || !file_name(part)));
    }

private:
    /// An alternative with plain text alone, or HTML alone, is both.
    void share_the_only_one(std::size_t texts, std::size_t htmls) {
        const auto copy_new = [](const auto& from, std::size_t begin, auto& to) {
            to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin), from.end());
        };
        const bool has_text = lists_.text.size() > texts;
        const bool has_html = lists_.html.size() > htmls;
        if (has_html && !has_text) copy_new(lists_.html, htmls, lists_.text);
        if (has_text && !has_html) copy_new(lists_.text, texts, lists_.html);
    }

    BodyLists& lists_;
};

/// The numbers that lead to the part.
bool find_numbers(const Part& from, const Part& part, std::vector<std::uint32_t>& numbers) {
    if (&from == &part) return true;
    if (from.kind != PartKind::multipart) return false; // enclosed messages are parsed by themselves
    for (std::size_t at = 0; at < from.children.size(); ++at) {
        numbers.push_back(static_cast<std::uint32_t>(at + 1));
        if (find_numbers(from.children[at], part, numbers)) return true;
        numbers.pop_back();
    }
    return false;
}

} // namespace

BodyLists list_body(const Part& root) {
    BodyLists lists;
    Sorter sorter(lists);
    if (root.kind == PartKind::multipart) {
        const std::string& inner = root.content_type.subtype;
        sorter.sort(root.children, inner, inner == "alternative", true, true);
    } else if (Sorter::is_shown(root, true, {})) {
        lists.text.push_back(&root);
        lists.html.push_back(&root);
    } else {
        lists.attachments.push_back(&root);
    }
    return lists;
}

bool has_attachment(const BodyLists& lists) {
    return std::ranges::any_of(
        lists.attachments, [](const Part* part) { return !part->disposition || part->disposition->type != "inline"; });
}

std::optional<std::string> part_id(const Part& root, const Part& part) {
    std::vector<std::uint32_t> numbers;
    if (part.kind == PartKind::multipart || !find_numbers(root, part, numbers)) return std::nullopt;
    if (numbers.empty()) return "1";
    std::string id;
    for (const std::uint32_t number : numbers)
        id += (id.empty() ? "" : ".") + std::to_string(number);
    return id;
}

const Part* find_part_of_id(const Part& root, std::string_view id) {
    if (root.kind != PartKind::multipart) return id == "1" ? &root : nullptr;
    const Part* part = &root;
    while (!id.empty()) {
        const std::size_t dot = std::min(id.find('.'), id.size());
        const auto number = ascii::parse_number<std::uint32_t>(id.substr(0, dot));
        if (part->kind != PartKind::multipart || !number || *number == 0 || *number > part->children.size())
            return nullptr;
        part = &part->children[*number - 1];
        id.remove_prefix(std::min(dot + 1, id.size()));
    }
    return part->kind == PartKind::multipart ? nullptr : part;
}

std::optional<std::string> file_name(const Part& part) {
    std::optional<std::string> name;
    if (part.disposition) name = message::decode_parameter(part.disposition->parameters, "filename");
    if (!name || name->empty()) name = message::decode_parameter(part.content_type.parameters, "name");
    if (!name || name->empty()) return std::nullopt;
    return name;
}

} // namespace tegami::jmap
