using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Tests.Supervision.Output;

public sealed class EngineWordsTests
{
    /// <summary>Lines of real logs and what they mean: kind, source, line.</summary>
    [Fact]
    public void LinesOfRealLogs_MeanWhatTheyMean()
    {
        var cases = File.ReadLines(Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Supervision", "Output", "cases", "lines.tsv")).Select(line => line.Split('\t')).ToList();
        Assert.All(cases, parts =>
        {
            var (kind, line) = (parts[0], parts[2]);
            Assert.Equal((kind == "nccl", kind == "loaded", kind == "idle"), (EngineWords.IsNcclFailure(line), EngineWords.IsWeightsLoaded(line), EngineWords.IsIdleTalk(line)));
        });
        Assert.Equal(["idle", "loaded", "nccl", "other"], cases.Select(parts => parts[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("NCCL error: api_key=sk-abcdefghijklmnop", "NCCL error: api_key=…")]
    [InlineData("NCCL error {'api-key': 'x1', 'a': 1}", "NCCL error {'api-key': '…', 'a': 1}")]
    [InlineData("NCCL error HF_TOKEN=hf_aBcDeFgHiJ rest", "NCCL error HF_TOKEN=… rest")]
    [InlineData("NCCL error Authorization: Bearer abc.def rest", "NCCL error Authorization: Bearer … rest")]
    [InlineData("NCCL error bearer abc rest", "NCCL error bearer … rest")]
    [InlineData("NCCL error hf_aBcDeFgHiJ", "NCCL error …")]
    [InlineData("NCCL error at https://me:pass@hub/x", "NCCL error at …hub/x")]
    [InlineData("NCCL error Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==", "NCCL error …")]
    [InlineData("NCCL error my secret is th!s one", "NCCL error my secret is … one")]
    [InlineData("NCCL error\u001b[0m \0done", "NCCL error[0m done")]
    public void WhatLooksLikeAKey_IsCut(string line, string shown) => Assert.Equal(shown, SecretCut.Of(line, "th!s"));

    [Fact]
    public void LinesOfRealLogs_StayReadable()
    {
        var lines = File.ReadLines(Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Supervision", "Output", "cases", "lines.tsv")).Select(line => line.Split('\t')).Where(parts => parts[0] == "nccl");
        Assert.All(lines, parts => Assert.Equal(parts[2].Length > 300 ? parts[2][..299] + "…" : parts[2], SecretCut.Of(parts[2], null)));
    }

    [Fact]
    public void ALongLine_IsCutAtThreeHundredCharacters_AndNotWithinOne()
    {
        Assert.Equal(300, SecretCut.Of(new string('x', 1000) + " ", null).Length);
        Assert.Equal(new string('.', 298) + "…", SecretCut.Of(new string('.', 298) + "😀😀", null));
    }
}
