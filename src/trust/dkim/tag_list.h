// The tag=value lists of DKIM (RFC 6376 §3.2), with the UTF-8 that RFC 8616 §5 lets into values. ARC and DMARC write
// theirs in the same grammar.
//
// 1. A list is valid as a whole or not at all; a tag that comes twice makes it invalid. What the tags mean, and
//    whether they may be there, is the reader's business.
// 2. Everything is a view into the text that was given, which must outlive the list.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

/// Limit: octets and tags of one list; RFC 6376 has none. A copied header (`z=`) may be long.
inline constexpr std::size_t kTagListBytesMax = 64 * 1024;
inline constexpr std::size_t kTagsMax = 100;

struct Tag {
    std::string_view name;
    std::string_view value; ///< without the space around it; spaces and folds within it are as they stand
    std::size_t begin = 0;  ///< where in the text the value begins with the space before it: after the "="
    std::size_t end = 0;    ///< and where it ends with the space behind it: at the ";" or the text's end
};

/// Where a list breaks the grammar: in or after the tag of this name; empty if there is no name to tell.
struct TagListFault {
    std::string name;
    bool operator==(const TagListFault&) const = default;
};

class TagList {
public:
    /// A header field's value as it stands, folds included, or a TXT record's strings joined.
    static Result<TagList, TagListFault> parse(std::string_view text);

    /// Names of tags differ by case.
    const Tag* find(std::string_view name) const;

    /// In the order of the text; at least one.
    const std::vector<Tag>& tags() const { return tags_; }

private:
    std::vector<Tag> tags_;
};

/// The value without any space: base64 and dkim-quoted-printable may be folded anywhere (RFC 6376 §2.10, §2.11).
std::string without_space(std::string_view value);

/// The items between colons, each without the space around it; an empty value is one empty item.
std::vector<std::string_view> colon_list(std::string_view value);

bool contains(const std::vector<std::string_view>& items, std::string_view item);

} // namespace tegami::dkim
