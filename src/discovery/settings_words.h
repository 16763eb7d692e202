// What the settings of mail programs are called, on the page and by the command line.
#pragma once

#include "base/words.h"

namespace tegami::discovery::settings {

inline constexpr Words kUserName{"User name", "ユーザー名"};
inline constexpr Words kPassword{"Password", "パスワード"};
inline constexpr Words kWhichPassword{"that of the account", "アカウントのパスワード"};
inline constexpr Words kIncoming{"Incoming mail", "受信メール"};
inline constexpr Words kOutgoing{"Outgoing mail", "送信メール"};
inline constexpr Words kOr{"or", "または"};
inline constexpr Words kNone{"This server has no encrypted service for mail programs.",
                             "このサーバーには、メールソフトのための暗号化されたサービスがありません。"};

} // namespace tegami::discovery::settings
