// Gathers the terms of new emails in memory and makes a segment of them. Pure.
#pragma once

#include "index/pages.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tegami::index {

/// Limit: terms of one email that are kept, each field counting; an email with more is incomplete.
inline constexpr std::size_t kEmailPostingsMax = 50'000;

class SegmentBuilder {
public:
    /// Emails are counted from 0; they must come in order.
    void begin_email(std::uint32_t email);
    /// The email has the term in this field. False if it is one too many: the email is incomplete then.
    bool add(std::string_view term, Field field);
    /// The email has text that is not here.
    void set_incomplete();

    /// About.
    std::size_t memory_bytes() const { return memory_bytes_; }

    /// Writes everything; the builder is empty then.
    void write(PageWriter& writer);

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    struct Place {
        std::uint32_t email;
        FieldMask fields;
    };

    std::unordered_map<std::string, std::vector<Place>, Hash, std::equal_to<>> terms_;
    std::uint32_t email_ = 0;
    std::size_t email_postings_ = 0;
    bool incomplete_ = false;
    std::size_t memory_bytes_ = 0;
};

} // namespace tegami::index
