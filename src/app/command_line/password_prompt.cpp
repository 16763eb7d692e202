#include "app/command_line/password_prompt.h"

#include "app/command_line/commands.h"
#include "app/command_line/phrase.h"
#include "directory/password.h"
#include "disk/files.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace tegami::app {

namespace {

/// The controlling terminal with its echo switched off.
class SilentTerminal {
public:
    SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silenced_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
    }

    ~SilentTerminal() {
        if (silenced_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    bool usable() const { return silenced_; }

    std::string ask(std::string_view question) {
        say(question);
        std::string line;
        std::array<char, 256> buffer;
        while (!line.ends_with('\n') && line.size() < 4 * directory::kNewPasswordBytesMax) {
            const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
            if (count <= 0) break;
            line.append(buffer.data(), static_cast<std::size_t>(count));
        }
        say("\n");
        while (line.ends_with('\n') || line.ends_with('\r'))
            line.pop_back();
        return line;
    }

private:
    void say(std::string_view text) { static_cast<void>(::write(descriptor_, text.data(), text.size())); }

    int descriptor_;
    termios before_{};
    bool silenced_ = false;
};

/// The first line of standard input.
Result<std::string, std::string> first_line() {
    auto text = disk::read_all(STDIN_FILENO, 4 * directory::kNewPasswordBytesMax);
    if (!text) return failure(say("the password cannot be read: {}", text.error()));
    // A byte order mark is of the program that wrote the text, not of the password.
    if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
    return text->substr(0, text->find_first_of("\r\n"));
}

} // namespace

Result<std::string, std::string> given_hash() {
    return first_line();
}

Result<std::string, std::string> new_password(PasswordSource source, RandomSource& random) {
    switch (source) {
    case PasswordSource::generated: return directory::generate_password(random);
    case PasswordSource::standard_input: return first_line();
    case PasswordSource::prompt: break;
    }
    SilentTerminal terminal;
    if (!terminal.usable())
        return failure(say("there is no terminal to ask for the password: use --password-stdin or --generate"));
    std::string password = terminal.ask(say("New password: "));
    if (terminal.ask(say("Once more: ")) != password) return failure(say("the two passwords differ"));
    return password;
}

Result<std::string, std::string> typed_password(std::string_view question) {
    SilentTerminal terminal;
    if (!terminal.usable()) return failure(std::string("there is no terminal to ask for the password"));
    return terminal.ask(question);
}

} // namespace tegami::app
