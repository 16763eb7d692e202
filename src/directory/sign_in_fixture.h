// Accounts whose credentials are tried as the server does it, over restarts; the directory is sound when a test ends.
#pragma once

#include "directory/authenticator.h"
#include "directory/check.h"
#include "directory/directory_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace tegami::directory {

class LastLine final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        line = event;
        for (const LogField& field : fields)
            line += fmt::format(" {}={}", field.name, field.value);
        ++count;
    }

    std::string line;
    int count = 0;
};

class SignInTest : public DirectoryTest {
protected:
    SignInTest() : anna_(add("anna@a.test", "secret")) { restart(); }

    ~SignInTest() override { EXPECT_THAT(run(check(&engine_)).value().findings, testing::IsEmpty()); }

    void restart() {
        authenticator_.reset();
        reopen();
        authenticator_.emplace(Authenticator::Dependencies{.credentials = directory_->credentials(),
                                                           .app_passwords = directory_->app_passwords(),
                                                           .second_factors = directory_->second_factors(),
                                                           .passkeys = directory_->passkeys(),
                                                           .sessions = directory_->sessions(),
                                                           .known_networks = directory_->known_networks(),
                                                           .clock = clock_,
                                                           .random = random_,
                                                           .log = log_});
    }

    LastLine log_;
    AccountId anna_;
    std::optional<Authenticator> authenticator_;
};

} // namespace tegami::directory
