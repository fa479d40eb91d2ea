/** Email providers whose addresses say nothing about where a person works. Registrable domains; see company.ts. */
export const freeMail = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it
  hotmail.es live.co.uk live.fr live.nl outlook.de outlook.fr outlook.es outlook.cz yahoo.com yahoo.co.uk yahoo.fr
  yahoo.de yahoo.it yahoo.es yahoo.co.jp yahoo.co.in yahoo.com.br yahoo.com.au yahoo.ca ymail.com rocketmail.com
  aol.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.io tuta.com
  gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org arcor.de mail.com
  email.com zoho.com zohomail.eu fastmail.com fastmail.fm hey.com hushmail.com runbox.com startmail.com yandex.ru
  yandex.com ya.ru mail.ru bk.ru inbox.ru list.ru rambler.ru ukr.net i.ua meta.ua seznam.cz email.cz centrum.cz
  atlas.cz volny.cz post.cz azet.sk zoznam.sk centrum.sk wp.pl o2.pl onet.pl interia.pl gazeta.pl poczta.fm
  tlen.pl libero.it virgilio.it tiscali.it alice.it tin.it orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr
  bbox.fr skynet.be telenet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl bluewin.ch sapo.pt
  telefonica.net terra.es terra.com.br uol.com.br bol.com.br globo.com ig.com.br btinternet.com sky.com
  virginmedia.com ntlworld.com talktalk.net blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net
  bellsouth.net cox.net charter.net earthlink.net shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au
  xtra.co.nz naver.com hanmail.net daum.net nate.com qq.com 163.com 126.com yeah.net sina.com sohu.com foxmail.com
  aliyun.com rediffmail.com indiatimes.com walla.co.il abv.bg mail.bg dir.bg freemail.hu citromail.hu indamail.hu
  inbox.lv delfi.lt mail.ee hot.ee online.no telia.com spray.se bredband.net mail.dk jubii.dk luukku.com
  suomi24.fi simnet.is duck.com free-mail.example`.split(/\s+/),
)
