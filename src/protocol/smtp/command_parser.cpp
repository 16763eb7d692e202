#include "protocol/smtp/command_parser.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "message/utf8.h"

#include <algorithm>
#include <array>

namespace tegami::smtp {

namespace {

using message::AddressError;
using message::EnvelopePath;

/// Limit: RFC 5321 §4.5.3.1.2 and an address literal's brackets; what is longer is cut.
constexpr std::size_t kHelloNameBytesMax = 255;
/// Limit: RFC 4422 §3.1.
constexpr std::size_t kMechanismBytesMax = 20;
/// Interop: RFC 5321 §2.3.8 has the space alone between words; devices send tabs too.
constexpr std::string_view kBlanks = " \t";

std::unexpected<Reply> bad(int code, std::string_view status, std::string_view text) {
    return std::unexpected(make_reply(code, status, text));
}

std::unexpected<Reply> bad_arguments(std::string_view text) {
    return bad(501, "5.5.4", text);
}

Result<Command, Reply> parse_hello(std::string_view argument, bool extended) {
    // RFC 5321 §4.1.1.1 allows text behind the name in replies only; old clients add some to HELO.
    const std::string_view name = argument.substr(0, std::min(argument.find_first_of(kBlanks), kHelloNameBytesMax));
    if (name.empty()) return bad_arguments("A host name or address literal must follow");
    // Interop: clients greet with what their machine is called: `müller-pc`, `localhost.(none)`. The name is only
    // written down, so a wrong one refuses nobody's mail (RFC 5321 §4.1.4).
    const bool is_text = message::is_utf8(name) && std::ranges::none_of(name, ascii::is_control);
    return HelloCommand{.extended = extended, .name = is_text ? std::string(name) : ascii::printable(name)};
}

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

/// Interop: programs leave out the brackets, since Postfix, Exim and Exchange do not miss them. `text` moves behind the
/// address, which ends at the first blank.
Result<EnvelopePath, AddressError> take_bare_address(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    Result<EnvelopePath, AddressError> path = message::parse_envelope_path('<' + std::string(word) + '>');
    if (path && (word.empty() || path->length != word.size() + 2)) return failure(AddressError::syntax);
    text.remove_prefix(word.size());
    return path;
}

Result<EnvelopePath, AddressError> take_bracketed_path(std::string_view& text) {
    Result<EnvelopePath, AddressError> path = message::parse_envelope_path(text);
    if (path) text.remove_prefix(path->length);
    return path;
}

/// The path behind "FROM:" or "TO:"; `argument` moves behind it.
Result<EnvelopePath, Reply> take_path(std::string_view& argument, std::string_view word, std::string_view status) {
    if (!ascii::istarts_with(argument, word))
        return bad(501, "5.5.4", std::string("Syntax: ") + std::string(word) + "<address>");
    argument.remove_prefix(word.size());
    // Interop: a space behind the colon is wrong and common.
    skip_blanks(argument);
    const auto path = argument.starts_with('<') ? take_bracketed_path(argument) : take_bare_address(argument);
    if (!path) return bad(501, status, std::string("The address ") + std::string(message::describe(path.error())));
    if (!argument.empty() && !kBlanks.contains(argument[0])) return bad(501, status, "Something follows the address");
    return *path;
}

struct Parameter {
    std::string_view name;
    std::optional<std::string_view> value;
};

/// esmtp-param of RFC 5321 §4.1.2.
Result<std::vector<Parameter>, Reply> parse_parameters(std::string_view text, bool extended) {
    std::vector<Parameter> parameters;
    for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
        const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
        text.remove_prefix(word.size());
        if (!extended) return bad(555, "5.5.4", "Parameters need EHLO");
        const std::size_t equals = word.find('=');
        Parameter parameter{.name = word.substr(0, equals), .value = std::nullopt};
        if (equals != std::string_view::npos) parameter.value = word.substr(equals + 1);
        const bool name_is_good =
            !parameter.name.empty() && ascii::is_alnum(parameter.name[0]) &&
            std::ranges::all_of(parameter.name, [](char c) { return ascii::is_alnum(c) || c == '-'; });
        const bool value_is_good =
            !parameter.value || (!parameter.value->empty() && std::ranges::all_of(*parameter.value, [](char c) {
                return ascii::is_vchar(c) && c != '=';
            }));
        if (!name_is_good || !value_is_good) return bad_arguments("Malformed parameter");
        const bool repeated = std::ranges::any_of(
            parameters, [&](const Parameter& other) { return ascii::iequals(other.name, parameter.name); });
        if (repeated) return bad_arguments("A parameter is given twice");
        if (parameters.size() == kParametersMax) return bad_arguments("Too many parameters");
        parameters.push_back(parameter);
    }
    return parameters;
}

/// RFC 3461 §4, which RFC 4954 §5 uses.
std::optional<std::string> decode_xtext(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '+') {
            decoded += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? ascii::hex_value(text[at + 1]) : -1;
        const int low = high >= 0 ? ascii::hex_value(text[at + 2]) : -1;
        if (low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return decoded;
}

/// Puts one parameter of MAIL into the command; the reply if it cannot be.
std::optional<Reply> apply(const Parameter& parameter, MailCommand& command) {
    const auto is = [&](std::string_view name) { return ascii::iequals(parameter.name, name); };
    const auto malformed = [] { return make_reply(501, "5.5.4", "Malformed parameter"); };
    if (is("SIZE")) {
        // RFC 1870 §3: up to 20 digits.
        if (!parameter.value || parameter.value->size() > 20) return malformed();
        if (!std::ranges::all_of(*parameter.value, ascii::is_digit)) return malformed();
        command.size = ascii::parse_number<std::uint64_t>(*parameter.value).value_or(UINT64_MAX);
        return std::nullopt;
    }
    if (is("BODY")) {
        if (parameter.value && ascii::iequals(*parameter.value, "7BIT"))
            command.body = BodyType::seven_bit;
        else if (parameter.value && ascii::iequals(*parameter.value, "8BITMIME"))
            command.body = BodyType::eight_bit_mime;
        else
            return malformed();
        return std::nullopt;
    }
    if (is("SMTPUTF8")) {
        if (parameter.value) return malformed();
        command.smtputf8 = true;
        return std::nullopt;
    }
    if (is("AUTH")) {
        command.auth = parameter.value ? decode_xtext(*parameter.value) : std::nullopt;
        return command.auth ? std::nullopt : std::optional(malformed());
    }
    return make_reply(555, "5.5.4", "Parameter not known");
}

Result<Command, Reply> parse_mail(std::string_view argument, const ParseContext& context) {
    TRY(const EnvelopePath path, take_path(argument, "FROM:", "5.1.7"));
    if (path.bare_postmaster) return bad(501, "5.1.7", "The address has no domain");
    MailCommand command{.reverse_path = path.address};
    TRY(const std::vector<Parameter> parameters, parse_parameters(argument, context.extended));
    for (const Parameter& parameter : parameters)
        if (std::optional<Reply> refusal = apply(parameter, command)) return failure(*std::move(refusal));
    if (path.has_utf8 && !command.smtputf8) return bad(550, "5.6.7", "Addresses beyond ASCII need SMTPUTF8");
    return command;
}

Result<Command, Reply> parse_rcpt(std::string_view argument, const ParseContext& context) {
    TRY(const EnvelopePath path, take_path(argument, "TO:", "5.1.3"));
    if (!path.address && !path.bare_postmaster) return bad(501, "5.1.3", "The address is empty");
    TRY(const std::vector<Parameter> parameters, parse_parameters(argument, context.extended));
    if (!parameters.empty()) return bad(555, "5.5.4", "Parameter not known");
    if (path.has_utf8 && !context.smtputf8) return bad(553, "5.6.7", "Addresses beyond ASCII need SMTPUTF8");
    return RcptCommand{.address = path.address};
}

Result<Command, Reply> parse_auth(std::string_view argument) {
    const std::size_t blank = argument.find_first_of(kBlanks);
    const std::string_view mechanism = argument.substr(0, blank);
    const bool is_mechanism =
        !mechanism.empty() && mechanism.size() <= kMechanismBytesMax &&
        std::ranges::all_of(mechanism, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
    if (!is_mechanism) return bad_arguments("Syntax: AUTH mechanism [initial response]");
    AuthCommand command{.mechanism = ascii::upper(mechanism), .initial_response = std::nullopt};
    argument.remove_prefix(mechanism.size());
    skip_blanks(argument);
    if (argument.empty()) return command;
    command.initial_response = argument == "=" ? std::string() : base64::decode(argument);
    if (!command.initial_response) return bad(501, "5.5.2", "The response is not base64");
    return command;
}

template <class T>
Result<Command, Reply> without_argument(std::string_view argument) {
    if (!argument.empty()) return bad_arguments("This command takes no argument");
    return T{};
}

template <class T>
Result<Command, Reply> with_argument(std::string_view argument) {
    if (argument.empty()) return bad_arguments("An argument must follow");
    return T{};
}

} // namespace

Result<Command, Reply> parse_command(std::string_view line, const ParseContext& context) {
    line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
    const std::string_view verb = line.substr(0, line.find_first_of(kBlanks));
    std::string_view argument = line.substr(verb.size());
    skip_blanks(argument);
    const auto is = [&](std::string_view name) { return ascii::iequals(verb, name); };
    const bool hello = is("EHLO") || is("HELO");
    // In the name of a greeting they are made visible. CR and NUL nobody calls a machine.
    const bool forbidden = std::ranges::any_of(
        line, [hello](char c) { return hello ? c == '\r' || c == '\0' : ascii::is_control(c) && c != '\t'; });
    if (forbidden) return bad(500, "5.5.2", "Control characters in a command");

    if (is("EHLO")) return parse_hello(argument, true);
    if (is("HELO")) return parse_hello(argument, false);
    if (is("MAIL")) return parse_mail(argument, context);
    if (is("RCPT")) return parse_rcpt(argument, context);
    if (is("DATA")) return without_argument<DataCommand>(argument);
    if (is("RSET")) return without_argument<ResetCommand>(argument);
    if (is("NOOP")) return NoopCommand{};
    if (is("QUIT")) return without_argument<QuitCommand>(argument);
    if (is("HELP")) return HelpCommand{};
    if (is("VRFY")) return with_argument<VerifyCommand>(argument);
    if (is("EXPN")) return with_argument<ExpandCommand>(argument);
    if (is("STARTTLS")) return without_argument<StartTlsCommand>(argument);
    if (is("AUTH")) return parse_auth(argument);
    return bad(500, "5.5.2", "Command not recognised");
}

bool is_foreign_protocol(std::string_view beginning) {
    // A TLS record with a handshake, any version (RFC 8446 §5.1).
    if (beginning.starts_with("\x16\x03")) return true;
    constexpr std::array<std::string_view, 8> kVerbs{"GET ",     "POST ",    "PUT ",    "HEAD ",
                                                     "OPTIONS ", "CONNECT ", "DELETE ", "PATCH "};
    return std::ranges::any_of(kVerbs, [&](std::string_view verb) { return beginning.starts_with(verb); });
}

} // namespace tegami::smtp
