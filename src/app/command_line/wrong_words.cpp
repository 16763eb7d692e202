#include "app/command_line/wrong_words.h"

#include "app/command_line/phrase.h"
#include "app/configuration/spelling.h"
#include "base/ascii.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tegami::app {

namespace {

/// Limit: a longer word is like no command.
constexpr std::size_t kWordBytesMax = 64;

/// The option of this name; "-h" is the one short form there is.
const Option* find_option(std::span<const Option> options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &Option::name);
    return found == options.end() ? nullptr : &*found;
}

class Walk {
public:
    Walk(std::span<const Command> commands, std::span<const Option> everywhere)
        : commands_(commands), everywhere_(everywhere) {}

    /// Nothing as long as the words are right.
    std::optional<std::string> take(std::string_view word) {
        if (value_follows_ || options_ended_) {
            value_follows_ = false;
            return std::nullopt;
        }
        if (word == "--") {
            options_ended_ = true;
            return std::nullopt;
        }
        if (word.size() > 1 && word.starts_with('-')) return take_option(word);
        return take_word(word);
    }

    const std::string& path() const { return path_; }

private:
    std::optional<std::string> take_option(std::string_view word) {
        const auto equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const std::span<const Option> own = command_ ? std::span<const Option>(command_->options) : no_options();
        const Option* option = find_option(own, name);
        if (!option) option = find_option(everywhere_, name);
        if (option) {
            value_follows_ = option->kind != Option::Kind::flag && equals == std::string_view::npos;
            return std::nullopt;
        }
        std::vector<std::string_view> names;
        for (const std::span<const Option> some : {own, everywhere_})
            for (const Option& one : some)
                if (one.name.starts_with("--")) names.push_back(one.name.substr(2));
        const auto meant = nearest(name.substr(name.starts_with("--") ? 2 : 1), names);
        if (!command_)
            return meant ? say("there is no option {}: did you mean --{}?", name, *meant)
                         : say("there is no option {}", name);
        return meant ? say("tegami {} has no option {}: did you mean --{}?", path_, name, *meant)
                     : say("tegami {} has no option {}", path_, name);
    }

    std::optional<std::string> take_word(std::string_view word) {
        if (commands_.empty()) return std::nullopt;
        const auto found = std::ranges::find(commands_, word, &Command::name);
        if (found != commands_.end()) {
            command_ = &*found;
            commands_ = found->subcommands;
            path_ += fmt::format("{}{}", path_.empty() ? "" : " ", word);
            return std::nullopt;
        }
        // `tegami backup DIR`: the word may be a value.
        if (command_ && command_->run) {
            commands_ = {};
            return std::nullopt;
        }
        std::vector<std::string_view> names;
        for (const Command& one : commands_)
            names.push_back(one.name);
        const std::string all = fmt::format("{}", fmt::join(names, ", "));
        std::optional<std::string_view> meant = nearest(word, names);
        const std::string elsewhere = meant ? std::string() : only_place_of(word);
        if (!elsewhere.empty()) meant = elsewhere;
        if (!command_)
            return meant ? say("there is no command {}: did you mean {}?", word, *meant)
                         : say("there is no command {}: there are {}", word, all);
        return meant ? say("tegami {} has no command {}: did you mean {}?", path_, word, *meant)
                     : say("tegami {} has no command {}: there are {}", path_, word, all);
    }

    /// `tegami undelete`: the words of the one command below those that may come next which is called so; empty if there is
    /// none or several.
    std::string only_place_of(std::string_view word) const {
        std::string found;
        for (const Command& family : commands_)
            for (const Command& command : family.subcommands) {
                if (command.name != word) continue;
                if (!found.empty()) return {};
                found = fmt::format("{} {}", family.name, command.name);
            }
        return found;
    }

    static std::span<const Option> no_options() { return {}; }

    std::span<const Command> commands_; ///< that may come next
    const std::span<const Option> everywhere_;
    const Command* command_ = nullptr; ///< the last that was named
    std::string path_;
    bool value_follows_ = false;
    bool options_ended_ = false;
};

} // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > kWordBytesMax) return std::nullopt;
    const std::string lower = ascii::lower(word);
    std::optional<std::string_view> best;
    // A third of the letters may be wrong.
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const bool begins = lower.size() >= 3 && candidate.starts_with(lower);
        const std::size_t far = begins ? 1 : letters_apart(lower, candidate);
        if (far >= least) continue;
        least = far;
        best = candidate;
    }
    return best;
}

std::optional<WrongWord> find_wrong_word(std::span<const Command> commands, std::span<const Option> everywhere,
                                         std::span<const std::string_view> words) {
    Walk walk(commands, everywhere);
    for (const std::string_view word : words) {
        if (word == "--help" || word == "-h") return std::nullopt;
        if (auto complaint = walk.take(word))
            return WrongWord{.complaint = *std::move(complaint), .command = walk.path()};
    }
    return std::nullopt;
}

} // namespace tegami::app
