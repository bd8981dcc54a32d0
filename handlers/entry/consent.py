"""What a mother agrees to before she tells us anything. Whoever changes a word of it changes
the version: it is kept with her answers, and says which words she agreed to."""

VERSION = "2026-11"
KEPT_DAYS = 180
"""The text promises no more, so the rule that says how long answers are kept can't be longer."""
TEXT = f"""\
我们会记下你填的三样：预产期或宝宝生日、城市、怎么称呼你。
只用来给你找同城、同月龄的妈妈群，给你留位子，你进群后认出你；不做广告，不给别人。
能看到的人：我们的运营同事，和你那个群的班长。
没进群的话，最多留 {KEPT_DAYS} 天就删掉；进了群，会留到你退群后 {KEPT_DAYS} 天。
你可以随时用取号条上的六位数字查看和删除；在群里的话，私聊小助手发「删除我的信息」也行。
浏览器里会放一个我们自己的小标记，下次打开不用重填，别的网站看不到。
不想填也没关系，关掉页面就好，我们不会留下你的信息。"""
