/**
 * What programs put on the clipboard as HTML, cut down to a few lines in their typical shape: nested wrappers, styles
 * instead of elements, and lists that aren't lists.
 */
export const pasted = {
  word: `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='margin-top:12.0pt'><span lang=EN-US>Start the pump<o:p></o:p></span></h1>
<p class=MsoNormal><b><span lang=EN-US>Check</span></b><span
lang=EN-US> the <i>seal</i>&nbsp;first.<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New
Roman"'>&nbsp;&nbsp; </span></span></span><![endif]><span lang=EN-US>Open the valve<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>o<span style='font:7.0pt "Times New
Roman"'>&nbsp; </span></span><![endif]>Slowly<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>Listen<o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>1.<span>&nbsp; </span></span><![endif]>First<o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>2.<span>&nbsp; </span></span><![endif]>Second<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<table class=MsoTableGrid border=1><tr><td width=100 style='width:75pt'><p
class=MsoNormal><b>Limit</b><o:p></o:p></p></td>
<td><p class=MsoNormal>Action<o:p></o:p></p></td></tr>
<tr><td rowspan=2><p class=MsoNormal>4.5</p></td><td><p class=MsoNormal>Look</p><p
class=MsoNormal>Report</p></td></tr>
<tr><td><p class=MsoNormal>Wait</p></td></tr></table>
<!--EndFragment--></body></html>`,

  googleDocs: `<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;"
id="docs-internal-guid-1a2b">
<h2 dir="ltr" style="line-height:1.38;margin-top:18pt;"><span
style="font-size:16pt;font-weight:400;">Limits</span></h2>
<p dir="ltr" style="line-height:1.38;"><span style="font-weight:400;">A </span><span
style="font-weight:700;">bold</span><span
style="font-weight:400;font-style:italic;"> claim</span><span style="text-decoration:line-through;">gone</span><span
style="font-family:'Roboto Mono',monospace;">cmd</span></p><br />
<ul style="margin-top:0;"><li dir="ltr" aria-level="1" style="list-style-type:disc;"><p dir="ltr"
role="presentation"><span>One</span></p></li>
<ul><li dir="ltr" aria-level="2"><p dir="ltr" role="presentation"><span>Nested</span></p></li></ul>
<li dir="ltr" aria-level="1"><p dir="ltr"><a href="https://www.google.com/url?q=https://example.com/a&amp;sa=D"><span
style="color:#1155cc;text-decoration:underline;">Two</span></a></p></li></ul>
<ul><li role="checkbox" aria-checked="true" dir="ltr"><img src="data:image/png;base64,iVBORw0KGgo="
width="17"><p dir="ltr"><span>Done thing</span></p></li></ul></b>`,

  notion: `<meta charset='utf-8'><h1>Handover</h1>
<p>Text with <strong>bold</strong> and <code>code</code>.</p>
<ul><li>[ ] Open task</li><li>[x] Closed task</li></ul>
<aside>Remember the <em>deadband</em>.</aside>
<pre><code class="language-bash">ls -l
pwd</code></pre>
<blockquote>Quoted</blockquote><!-- notionvc: 0f3c -->`,

  webPage: `<html><body><!--StartFragment--><div class="article" style="color: rgb(0,0,0)"><h3>Guide</h3>
<div>Plain <span style="font-weight: 600">text</span> in a div.<script>alert(1)</script></div>
<p style="display:none">Hidden</p>
<img src="https://example.com/chart.png" alt="A chart"><img width="1" height="1" src="https://example.com/pixel.gif">
<p>A <a href="javascript:alert(1)">trap</a> and a <a href="https://example.com" onclick="x()">link</a>.</p>
<table><tbody><tr><td>Only layout</td></tr></tbody></table>
<ol start="3"><li><div>Third</div></li></ol></div><!--EndFragment--></body></html>`,
}
