using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Entities.Tests.Manifests;

public sealed class YamlJsonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-7", "-7")]
    [InlineData("+7", "7")]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("017", "15")]
    [InlineData("089", "\"089\"")]
    [InlineData("8.9", "8.9")]
    [InlineData("1e3", "1000")]
    [InlineData("550.107.02", "\"550.107.02\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2026-01-02", "\"2026-01-02\"")]
    [InlineData("1Gi", "\"1Gi\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("yes", "true")]
    [InlineData("off", "false")]
    [InlineData("y", "\"y\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("-", "\"-\"", true)]
    public void Read_Scalar_IsResolvedAsKubectlDoes(string scalar, string json, bool quoted = false)
    {
        var text = quoted ? $"a: '{scalar}'" : $"a: {scalar}";

        var value = YamlJson.Read(text, "a.yaml", YamlLimits.Manifest)[0]["a"];

        Assert.Equal(json, value?.ToJsonString() ?? "null");
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", "a.yaml:3: the key 'a' stands twice; remove one.")]
    [InlineData("a: {<<: {b: 1}}", "a.yaml:1: merge keys (<<) are not read; write the fields out.")]
    [InlineData("a: *b", "a.yaml:1: the alias *b names no anchor above it.")]
    [InlineData("a: !thing 1", "a.yaml:1: the tag !thing is not read; write the plain value.")]
    [InlineData("a: .nan", "a.yaml:1: .nan is no number that JSON can carry.")]
    [InlineData("? [a]\n: 1", "a.yaml:1: a key must be plain text.")]
    public void Read_WhatJsonCannotCarry_IsRefusedWithItsLine(string text, string message)
    {
        var exception = Assert.Throws<ManifestException>(() => YamlJson.Read(text, "a.yaml", YamlLimits.Manifest));

        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Read_Aliases_AreExpanded()
    {
        var value = YamlJson.Read("a: &x {b: 1}\nc: *x", "a.yaml", YamlLimits.Manifest)[0];

        Assert.Equal("""{"a":{"b":1},"c":{"b":1}}""", value.ToJsonString());
    }

    [Fact]
    public void Read_SeveralDocuments_AreSeparate() =>
        Assert.Equal(["1", "{\"a\":2}"], YamlJson.Read("1\n---\n# empty\n---\na: 2\n", "a.yaml", YamlLimits.Manifest).Select(document => document.ToJsonString()));
}
