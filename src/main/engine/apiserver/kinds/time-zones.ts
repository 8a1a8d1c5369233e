/**
 * Names of time zones as the API server knows them: the files of the time zone database, so that upper and lower case
 * count. The runtime knows the zones too, but of a second name of a zone it does not tell how it is written: these stand
 * here. Source: IANA time zone database, "backward".
 */
const SECOND_NAMES = new Set(
  `
Africa/Asmara Africa/Timbuktu America/Argentina/Buenos_Aires America/Argentina/Catamarca
America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/Mendoza
America/Atikokan America/Atka America/Ensenada America/Fort_Wayne America/Indiana/Indianapolis
America/Kentucky/Louisville America/Knox_IN America/Montreal America/Nipigon America/Nuuk America/Pangnirtung
America/Porto_Acre America/Rainy_River America/Rosario America/Santa_Isabel America/Shiprock America/Thunder_Bay
America/Virgin America/Yellowknife Antarctica/South_Pole Asia/Ashkhabad Asia/Choibalsan Asia/Chongqing
Asia/Chungking Asia/Dacca Asia/Harbin Asia/Ho_Chi_Minh Asia/Istanbul Asia/Kashgar Asia/Kathmandu Asia/Kolkata
Asia/Macao Asia/Tel_Aviv Asia/Thimbu Asia/Ujung_Pandang Asia/Ulan_Bator Asia/Yangon Atlantic/Faroe
Atlantic/Jan_Mayen Australia/ACT Australia/Canberra Australia/Currie Australia/LHI Australia/NSW Australia/North
Australia/Queensland Australia/South Australia/Tasmania Australia/Victoria Australia/West Australia/Yancowinna
Brazil/Acre Brazil/DeNoronha Brazil/East Brazil/West CET CST6CDT Canada/Atlantic Canada/Central Canada/Eastern
Canada/Mountain Canada/Newfoundland Canada/Pacific Canada/Saskatchewan Canada/Yukon Chile/Continental
Chile/EasterIsland Cuba EET EST EST5EDT Egypt Eire Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich Etc/UCT
Etc/UTC Etc/Universal Etc/Zulu Europe/Belfast Europe/Kyiv Europe/Nicosia Europe/Tiraspol Europe/Uzhgorod
Europe/Zaporozhye Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica
Japan Kwajalein Libya MET MST MST7MDT Mexico/BajaNorte Mexico/BajaSur Mexico/General NZ NZ-CHAT Navajo PRC
PST8PDT Pacific/Chuuk Pacific/Johnston Pacific/Kanton Pacific/Pohnpei Pacific/Samoa Pacific/Yap Poland Portugal
ROC ROK Singapore Turkey UCT US/Alaska US/Aleutian US/Arizona US/Central US/East-Indiana US/Eastern US/Hawaii
US/Indiana-Starke US/Michigan US/Mountain US/Pacific US/Samoa Universal W-SU WET Zulu
`
    .trim()
    .split(/\s/),
);

/** The folders of the database. */
let areas: ReadonlySet<string> | undefined;

function isArea(name: string): boolean {
  areas ??= new Set(
    [...SECOND_NAMES, ...Intl.supportedValuesOf('timeZone')].flatMap((zone) => {
      const parts = zone.split('/').slice(0, -1);
      return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
  return areas.has(name);
}

/** What comes of looking for the zone's file; null: it is there. */
export function timeZoneProblem(name: string): string | null {
  if (isTimeZone(name)) return null;
  if (isArea(name)) return 'is a directory';
  const above = name.split('/').slice(0, -1);
  const isFile = above.some((_, index) => isTimeZone(above.slice(0, index + 1).join('/')));
  return isFile && !name.split('/').some((part) => part === '' || part === '..')
    ? 'not a directory'
    : `unknown time zone ${name}`;
}

export function isTimeZone(name: string): boolean {
  if (SECOND_NAMES.has(name)) return true;
  try {
    // A difference to UTC is no name; names of an old system are in no database.
    return (
      /^(?!SystemV\/)[A-Za-z]/.test(name) &&
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone === name
    );
  } catch {
    return false;
  }
}
