"""Polish number plates as data: which letters begin one, and which shapes follow them.

Source: the annexes on distinguishing letters of the regulation on registration and marking of vehicles (Dz.U. 2024 poz. 1709);
letters added later are covered by the shape and a word of context ("auto", "tablica").
"""

from __future__ import annotations

import re

from miasto.kernel.core import polish

PREFIXES = frozenset(
    polish.WORD.findall(
        """
        BI BL BS BAU BBI BGR BHA BIA BKL BLM BMN BSE BSI BSK BSU BWM BZA CB CG CT CW CAL CBC CBR CBY CCH CGD CGR CIN
        CLI CMG CNA CRA CRY CSE CSW CTR CTU CWA CWL CZN DB DJ DL DW DX DBA DBL DDZ DGL DGR DJA DJE DKA DKL DLB DLE DLU
        DLW DMI DOA DOL DPL DSR DST DSW DTR DWL DWR DZA DZG DZL EL ED EP ES EBE EBR EKU ELA ELC ELE ELW EOP EPA EPD
        EPI EPJ ERA ERW ESI ESK ETM EWE EWI EZD EZG FG FZ FGW FKR FMI FNW FSD FSL FSU FSW FWS FZA FZG FZI GA GD GS GBY
        GCH GCZ GDA GKA GKS GKW GKY GKZ GLE GMB GND GPU GSL GSP GST GSZ GTC GWE GWO KK KN KR KT KBA KBC KBR KCH KDA
        KGR KLI KMI KMY KNS KNT KOL KOS KPR KRA KRK KSU KTA KTT KWA KWI LB LC LU LZ LBI LBL LCH LHR LJA LKR LKS LLB
        LLE LLU LOP LPA LPU LRA LRY LSW LTM LUB LWL LZA NE NO NBA NBR NDZ NEB NEL NGI NGO NIL NKE NLI NMR NNI NNM NOE
        NOG NOL NOS NPI NSZ NWE OP OB OGL OK OKL OKR ONA ONY OOL OPO OPR OST PA PK PL PN PO PP PS PY PZ PCH PCT PGN
        PGO PGS PJA PKA PKE PKL PKN PKR PKS PLE PMI PNT POB POS POT POZ PPL PRA PSE PSL PSR PSZ PTU PWA PWL PWR PZL RK
        RP RR RT RZ RBI RBR RDE RJA RJS RKL RKR RLA RLE RLS RLU RMI RNI RPR RPZ RRS RSA RSN RST RTA RZE RZR RZZ SB SC
        SD SE SG SH SI SJ SK SL SM SN SO SR ST SW SY SZ SBE SBI SBL SCI SCN SCZ SGL SJZ SKL SLU SMI SMY SPI SPS SRB
        SRC SRY STA STY SWD SWZ SZA SZO SZY TK TBU TJE TKA TKI TKN TLW TOP TOS TPI TSA TSK TST TSZ WA WB WD WE WF WH
        WI WJ WK WL WM WN WO WP WR WS WT WU WW WX WY WZ WBR WCI WGM WGR WGS WKZ WLI WLS WMA WML WND WOR WOS WOT WPA
        WPI WPL WPN WPP WPR WPS WPU WPW WPX WPY WPZ WRA WSC WSE WSI WSK WSZ WWE WWL WWN WWV WWY WZU WZW WZY ZK ZS ZSW
        ZZ ZBI ZCH ZDR ZGL ZGR ZGY ZKA ZKL ZKO ZLO ZMY ZPL ZPY ZSD ZSL ZST ZSZ ZWA ZZW HPA HPB HPC HPD HPE HPF HPG HPH
        HPJ HPK HPL HPM HPN HPP HPS HPT HPU HPW HPZ HA HB HC HK HM HS HW UA UB UC UD UE UF UG UI UJ UK
        """
    )
)
# Letters of the voivodeships (the second of a pair was added when the first ran out) and of the state's own vehicles.
FIRST = "ABCDEFGHIJKLMNOPRSTUVWXZ"
BODY = r"(?=[0-9A-Z]*[0-9][0-9A-Z]*[0-9])[0-9A-Z]{4,5}"
PLATE = re.compile(rf"(?<![\w/.@-])([{FIRST}][A-Z]{{1,2}})[ \u00a0-]{{0,2}}({BODY})(?![\w/@-])")
PLATE_SPLIT = re.compile(rf"(?<![\w/.@-])([{FIRST}][A-Z]{{1,2}})[ \u00a0-]{{1,2}}(\d{{2,3}} ?[0-9A-Z]{{2,3}})(?![\w/@-])")
PLATE_CHOSEN = re.compile(rf"(?<![\w/.@-])([{FIRST}]\d)[ \u00a0-]{{0,2}}([A-Z]{{3,5}}|[A-Z]{{2,4}}\d)(?![\w/@-])")
CONTEXT = re.compile(
    r"(?i)(?:rejestr\w*|nr\.? ?rej\w*|tablic\w*|numer\w* (?:tablic|rej|auta|sam)\w*|blach\w*|aut[aoue]\w*|samoch\w*|pojazd\w*|"
    r"wóz|wozu|skuter\w*|motocykl\w*|motor\w*|bus[aue]?\b|dostawcz\w*|ciężar\w*|przyczep\w*|numer\w*|parkuj\w*|"
    r"audi|bmw|fiat\w*|ford\w*|golf\w*|hyundai\w*|kia|mazda\w*|merced\w*|opel\w*|opl\w*|passat\w*|peugeot\w*|renault\w*|seat\w*|"
    r"skod\w*|škod\w*|toyot\w*|volkswagen\w*|volvo)[^.!?\n]{0,40}$"
)


def is_listed(prefix: str) -> bool:
    """Whether some powiat, city or service has these letters."""
    return prefix in PREFIXES
