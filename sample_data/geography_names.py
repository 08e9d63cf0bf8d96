"""Names and codes of the made-up city 云川市 (Yunchuan): its districts (区县), streets and towns (街道, 镇, 乡).

Codes follow the national pattern without using one that exists: 9901 is no real prefecture. Statutory districts are
990102.., counties (县) 990121.., county-level cities (县级市) 990181.., and the functional zone (功能区), which has no
national code, takes the local code 990171. 990101 stays free: in statistics it is the row of the city proper.

A place is written "name English tags". The tags say where the name makes sense, so that 盐场 (salt works) comes to
lie at the sea: 0 centre of the district, N S E W that side of the centre, c coast, r river, l lake, h hills, i island.
"""

from dataclasses import dataclass

CITY = ("990100", "云川市", "Yunchuan")


@dataclass(frozen=True)
class PlaceName:
    """One street or town: its name without suffix, the English spelling and where the name fits ('' anywhere)."""

    name: str
    english: str
    tag: str = ""


@dataclass(frozen=True)
class District:
    """One district (区县). `people` in thousands; `seat`, in km, is its centre; `km2` the area aimed at."""

    code: str
    name: str
    english: str
    people: int
    seat: tuple[float, float]
    km2: int
    streets: str
    towns: str
    townships: str = ""
    counts_in: str | None = None

    def places(self, which: str) -> list[PlaceName]:
        """The names of one kind: which is 'streets', 'towns' or 'townships'."""
        return [PlaceName(*place.split()) for place in getattr(self, which).split(",") if place.strip()]

    def __len__(self) -> int:
        return sum(len(self.places(which)) for which in SUFFIXES)


# kind -> (Chinese suffix, English suffix, first number of the code's last three digits)
SUFFIXES = {
    "streets": ("街道", "Subdistrict", 1),
    "towns": ("镇", "Town", 100),
    "townships": ("乡", "Township", 200),
}

DISTRICTS = (
    District(
        "990102", "临江区", "Linjiang District", 905, (69.0, 63.0), 112,
        "鼓楼 Gulou 0,府前 Fuqian 0,东关 Dongguan E,西关 Xiguan W,南关 Nanguan S,北关 Beiguan N,望江 Wangjiang r,"
        "大桥 Daqiao r,文昌 Wenchang,解放路 Jiefanglu,人民路 Renminlu,柳荫 Liuyin",
        "",
    ),
    District(
        "990103", "云湖区", "Yunhu District", 850, (66.0, 52.5), 175,
        "湖滨 Hubin l,荷花 Hehua l,学府 Xuefu 0,青年路 Qingnianlu,长宁 Changning,翠屏 Cuiping,南苑 Nanyuan S,"
        "西苑 Xiyuan W,桃园 Taoyuan",
        "孙家埠 Sunjiabu,渔沟 Yugou l",
    ),
    District(
        "990104", "望海区", "Wanghai District", 560, (85.0, 74.0), 390,
        "港口 Gangkou c,海滨 Haibin c,观潮 Guanchao c,滨河 Binhe r,东升 Dongsheng E,新安 Xin'an",
        "盐场 Yanchang c,芦荡 Ludang c,双河口 Shuanghekou r,北塘 Beitang N,唐家泊 Tangjiapo",
    ),
    District(
        "990171", "高新区", "High-tech Zone", 335, (79.0, 57.0), 132,
        "科创 Kechuang 0,创业路 Chuangyelu,兴隆 Xinglong,凤凰 Fenghuang,银河 Yinhe",
        "周官屯 Zhouguantun",
        counts_in="990103",
    ),
    District(
        "990121", "青溪县", "Qingxi County", 465, (46.0, 61.0), 1010,
        "城关 Chengguan 0,溪东 Xidong E",
        "古城 Gucheng 0,沙河 Shahe r,柳林 Liulin,马店 Madian,清泉 Qingquan,杨集 Yangji N",
        "石门 Shimen h,黄泥岗 Huangnigang h",
    ),
    District(
        "990122", "南岭县", "Nanling County", 420, (30.0, 28.0), 1230,
        "岭前 Lingqian 0",
        "虎头崖 Hutouya h,龙潭 Longtan r,茶山 Chashan h,三岔 Sancha r,竹溪 Zhuxi,白石 Baishi,水源 Shuiyuan W",
        "鹰嘴 Yingzui h,松岭 Songling h,老君 Laojun h,大洼 Dawa",
    ),
    District(
        "990123", "河洛县", "Heluo County", 480, (22.0, 60.0), 1120,
        "河阳 Heyang 0,洛滨 Luobin r",
        "孟坪 Mengping h,张店集 Zhangdianji,安丰 Anfeng N,太平 Taiping,王楼 Wanglou,高庙 Gaomiao,枣林 Zaolin",
        "石盘 Shipan h,岳庄 Yuezhuang",
    ),
    District(
        "990181", "石桥市", "Shiqiao City", 725, (50.0, 88.0), 1340,
        "桥东 Qiaodong E,桥西 Qiaoxi W,新城 Xincheng 0,北园 Beiyuan N",
        "盐坨 Yantuo c,滩头 Tantou c,刘集 Liuji,永丰 Yongfeng,丁庄 Dingzhuang,牛栏 Niulan,瓦窑 Wayao,平陵 Pingling W",
    ),
    District(
        "990182", "白沙市", "Baisha City", 680, (65.0, 28.0), 1370,
        "光明 Guangming 0,沙洲 Shazhou r,建设路 Jianshelu",
        "蒋峪 Jiangyu h,南沟 Nangou S,官桥 Guanqiao r,杏花 Xinghua,陶庄 Taozhuang,铁炉 Tielu h,双塔 Shuangta E",
        "龙泉 Longquan h",
    ),
    District(
        "990183", "东浦市", "Dongpu City", 640, (100.0, 43.0), 1430,
        "浦城 Pucheng 0,浦南 Punan S,朝阳 Chaoyang E,和平 Heping",
        "东港 Donggang c,沙嘴 Shazui c,海晏 Haiyan c,鱼山 Yushan c,赵墩 Zhaodun,马站 Mazhan S,葛沟 Gegou W",
        "云屿 Yunyu i",
    ),
)  # fmt: skip
