// One ICU converter as a streaming decoder to UTF-8. Only charset.h and iso2022jp.h use it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct UConverter;

namespace tegami::message {

class IcuDecoder {
public:
    /// Nothing if ICU knows no converter of that name.
    static std::optional<IcuDecoder> open(const std::string& name);

    /// Appends the text of the octets; octets without meaning become U+FFFD.
    void feed(std::string_view octets, std::string& utf8);
    /// Appends what is left, and is ready for another text.
    void finish(std::string& utf8);

private:
    struct Close {
        void operator()(UConverter* converter) const;
    };

    explicit IcuDecoder(UConverter* converter) : converter_(converter) {}

    void convert(std::string_view octets, bool last, std::string& utf8);

    std::unique_ptr<UConverter, Close> converter_;
    /// The first half of a surrogate pair whose second half has not come out of ICU yet.
    char16_t high_surrogate_ = 0;
};

} // namespace tegami::message
