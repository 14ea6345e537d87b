using GpuStack.Modeling.Serving;

namespace GpuStack.Modeling.Tests.Serving;

public class EngineVersionTests
{
    [Theory]
    [InlineData("0.19.0", 0, 19, 0)]
    [InlineData("v0.8.5.post1", 0, 8, 5)]
    [InlineData("0.11.0rc2", 0, 11, 0)]
    [InlineData("0.33", 0, 33, 0)]
    [InlineData(" 1.2.3.4 ", 1, 2, 3)]
    public void Releases_are_read(string text, int major, int minor, int patch)
    {
        Assert.True(EngineVersion.TryParse(text, out EngineVersion version));
        Assert.Equal(new EngineVersion(major, minor, patch), version);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("7")]
    [InlineData("99999999999.1")]
    public void What_is_no_release_is_not(string? text) => Assert.False(EngineVersion.TryParse(text, out _));

    [Fact]
    public void Releases_are_ordered_by_numbers()
    {
        Assert.True(new EngineVersion(0, 9, 2) < new EngineVersion(0, 11));
        Assert.True(new EngineVersion(0, 11, 1) > new EngineVersion(0, 11));
        Assert.True(new EngineVersion(1, 0) >= new EngineVersion(0, 99, 9) && new EngineVersion(0, 8) <= new EngineVersion(0, 8));
        Assert.Equal("0.11.1", new EngineVersion(0, 11, 1).ToString());
    }
}
