<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="utf-8"/>
  <xsl:template match="article">
    <html><head><title><xsl:value-of select="@title"/></title></head>
    <body><h1><xsl:value-of select="@title"/></h1><xsl:apply-templates/>
    <p><xsl:value-of select="count(.//p)"/> paragraphs</p></body></html>
  </xsl:template>
  <xsl:template match="p"><p><xsl:apply-templates/></p></xsl:template>
</xsl:stylesheet>
