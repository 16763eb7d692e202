// Says messages in the language of the environment: `say("account {} added", address)`. The English text is the key of the
// table (phrases.h); a text that is not there, or arguments that do not fit it, are errors of the compiler.
#pragma once

#include "app/command_line/language.h"
#include "app/command_line/phrases.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace tegami::app {

/// A message of the table, by its English text.
template <class... T>
class Phrase {
public:
    consteval Phrase(const char* english) : words_(find(english)) {
        // It throws, which the compiler refuses, if the arguments do not fit.
        static_cast<void>(fmt::format_string<T...>(english));
    }

    std::string_view in(Language language) const { return words_->in(language); }

private:
    static consteval const Words* find(std::string_view english) {
        const auto* const found = std::ranges::find(kPhrases, english, &Words::english);
        if (found == std::end(kPhrases)) throw "this message is not in phrases.h";
        return found;
    }

    const Words* words_;
};

template <class... T>
std::string say(Phrase<std::type_identity_t<T>...> phrase, const T&... values) {
    return fmt::vformat(phrase.in(spoken_language()), fmt::make_format_args(values...));
}

/// Something that is counted, by its English name in the singular.
class Noun {
public:
    consteval Noun(const char* one) : forms_(std::ranges::find(kNouns, std::string_view(one), &NounForms::one)) {
        if (forms_ == std::end(kNouns)) throw "this noun is not in phrases.h";
    }

    const NounForms& forms() const { return *forms_; }

private:
    const NounForms* forms_;
};

/// "1 account", "2 accounts", as the language has it.
std::string count_of(std::uint64_t count, Noun noun);

} // namespace tegami::app
