namespace GpuStack.Modeling.Tests;

public class BytesTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(13207024435, "12.3 GiB")]
    [InlineData(-1048576, "-1.0 MiB")]
    public void Text_is_for_people(long value, string expected) => Assert.Equal(expected, new Bytes(value).ToString());

    [Fact]
    public void Arithmetic_is_checked()
    {
        Assert.Equal(new Bytes(3 << 20), Bytes.FromMiB(1) + (2 * Bytes.FromMiB(1)));
        Assert.Throws<OverflowException>(() => new Bytes(long.MaxValue) + new Bytes(1));
    }
}
