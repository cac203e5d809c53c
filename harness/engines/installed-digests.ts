// What `npm ci` installs and Lockstep loads or compiles as it is, pinned: npm checks a package when it installs it, and nobody
// checks what happens to its files later. Only data. What stays out: amalgamations, whose digests name their versions
// (catalogue.ts).

/** sha256 in hexadecimal, by path below node_modules. */
export const installedDigests: { readonly [file: string]: string } = {
  'better-sqlite3/prebuilds/darwin-arm64.node': 'c45fd39d66a36bb4683a78ec6395429af0c4f0ebbbeea64ffc36c3a2380a3e03',
  'better-sqlite3/prebuilds/darwin-x64.node': 'ebdc3de0ca192960581fd9c67967876d374114e1d1ee72da47d8c74eec2d2faa',
  'better-sqlite3/prebuilds/linux-arm64.node': 'bfa8c1f220b9430cb99c1197d5772e255aad3c90847572a202b29872ce1bcb4e',
  'better-sqlite3/prebuilds/linux-x64.node': '1a03a2916dd210925f8a074d460f0f7a2a28b1aeed2a1c3e2bf1a3b0322276cf',
  'better-sqlite3/prebuilds/linuxmusl-arm64.node': '3cecb8ff08dfc3a8dca4af25f5b0f47c5e6b542b9b0ebbabaa06cf1339615fea',
  'better-sqlite3/prebuilds/linuxmusl-x64.node': '83fa110c518d8a0f17625053473e7d25d251b8b28a321c35a59f815e11bbe78e',
  'better-sqlite3/deps/defines.gypi': '029426d3d6528d56ea75682a67a49e48747ccb7439faa75107601d4e2cafabc3',
  'better-sqlite3/deps/sqlite3/sqlite3.h': 'd6c84557261893439b341d2e6c35187ae3ea24fbfd843ad94616f72d89242b8c',
  'better-sqlite3/deps/sqlite3/sqlite3ext.h': '48963abfefb41ac329ef9d706acb5eadba952a99a748285c9ded6b5e0942721b',
  'better-sqlite3-3.50.4/deps/defines.gypi': '1ffa84b8af99780a293dcb7a9031c2dccc8b0d013aef434a35c283cc6c984f2e',
  'better-sqlite3-3.50.4/deps/sqlite3/sqlite3.h': 'abd1514e0351f79393d1be882830afdb40a8099e8257f311f0bfdf8486f11bea',
  'better-sqlite3-3.51.0/deps/defines.gypi': '1ffa84b8af99780a293dcb7a9031c2dccc8b0d013aef434a35c283cc6c984f2e',
  'better-sqlite3-3.51.0/deps/sqlite3/sqlite3.h': '54255b762709a525dff79b45df748d1abf10a75063e671d675c004a844a23471',
  'better-sqlite3-3.51.2/deps/defines.gypi': '1ffa84b8af99780a293dcb7a9031c2dccc8b0d013aef434a35c283cc6c984f2e',
  'better-sqlite3-3.51.2/deps/sqlite3/sqlite3.h': '6c8b9f648f36c84b0eeb3239b1e6f32b459d2c859d905ba5d59153c3569e6562',
  'qjsc/deps/quickjs_2021_03_27/quickjs.c': 'b3574a58f159bf5fc2ceaf9153ffb2181a20408dcd66701114342805298cbaf4',
  'qjsc/deps/quickjs_2021_03_27/libregexp.c': 'f167039cfef4b6d830bdd000e01ab0e030b89098ae13d3ef31b633163594ae27',
  'qjsc/deps/quickjs_2021_03_27/libunicode.c': '7fe7d1b375946fc7f9684f7b7f42b2088098ce62533ba5ce9470f0070a70ac15',
  'qjsc/deps/quickjs_2021_03_27/cutils.c': '82a2cf31e18fb5d080e0ef146886af46a336bd523fb5ad01e4187c687008ebf2',
  'qjsc/deps/quickjs_2021_03_27/libbf.c': '5caffbf754eb6a7a96e9fca6c185478b751bbb679a597d3d34eaa6e507f51af2',
  'qjsc/deps/quickjs_2021_03_27/cutils.h': 'af54a154072c55c69e730788b2351ca779dd9725f2105d230ea441040a5e0752',
  'qjsc/deps/quickjs_2021_03_27/libbf.h': 'c2fe44fbcab3660a661d933e1791d42704366a688e9281db72de4be487aa588a',
  'qjsc/deps/quickjs_2021_03_27/libregexp.h': 'bcf851a670715db2450588ae8e8f7d7c453583ed29195208cb391239fe5d5bf6',
  'qjsc/deps/quickjs_2021_03_27/libregexp-opcode.h': 'ef2e192734aacbe67bb15b7856239368054e19558f636a93cca51ad128b63ba3',
  'qjsc/deps/quickjs_2021_03_27/libunicode.h': '3158cc84164e43ad3e24d04436060c77c8cf66dcce88bb86429522b651cbc7c5',
  'qjsc/deps/quickjs_2021_03_27/libunicode-table.h': 'a990fbe88ed90ff8a141dfc29a8afb8951549130129f0559d67082cca47e0144',
  'qjsc/deps/quickjs_2021_03_27/list.h': 'd275d4830a019944bff3f08747b12f16bc932630cff34f147a7b59b68f952f5f',
  'qjsc/deps/quickjs_2021_03_27/quickjs.h': '2533d8c684cee8404e9e7df79139e3b80e2cfebc81419b40452b975db5ea7c7f',
  'qjsc/deps/quickjs_2021_03_27/quickjs-atom.h': '491139f5f2eaf40d146a588429c2bb884ffd4b5d0ad829e7b32d4a6fcce80509',
  'qjsc/deps/quickjs_2021_03_27/quickjs-opcode.h': 'ef37e98009fd84f1f0e3acea8d5a8acded9da3d657a48b2cfbc690d50f543ca5',
};
