using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Models;

public class QuantityTests
{
    [Theory]
    // What a real API server writes back for what was sent.
    [InlineData("0", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("1", "1")]
    [InlineData("+1", "1")]
    [InlineData("-1", "-1")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1000", "1k")]
    [InlineData("1500", "1500")]
    [InlineData("1.5k", "1500")]
    [InlineData("1000m", "1")]
    [InlineData("100000m", "100")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1000Ki", "1000Ki")]
    [InlineData("1025", "1025")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0.3Ki", "307200m")]
    [InlineData("1.1Ki", "1126400m")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E3", "1e3")]
    [InlineData("12e2", "1200")]
    [InlineData("1e-3", "1e-3")]
    [InlineData("1E", "1E")]
    [InlineData("1000P", "1E")]
    [InlineData("1000E", "1000E")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1234567890.123456789", "1234567890123456789n")]
    [InlineData("9223372036854775808Ei", "9223372036854775807")]
    [InlineData("0.9", "900m")]
    [InlineData("00016Gi", "16Gi")]
    public void ToString_IsCanonical(string text, string expected) => Assert.Equal(expected, Quantity.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1 Gi")]
    [InlineData("Gi")]
    [InlineData(".")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("1gi")]
    [InlineData("1K")]
    [InlineData("1GiB")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("0x10")]
    [InlineData("1,5")]
    [InlineData("١")]
    [InlineData("NaN")]
    [InlineData("1e300")]
    [InlineData("1e2147483648")]
    public void TryParse_NoQuantity_IsFalse(string text)
    {
        Assert.False(Quantity.TryParse(text, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => Quantity.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_HugeText_IsRefusedQuickly() => Assert.False(Quantity.TryParse(new string('9', 1_000_000), out _));

    [Theory]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("100m", 1)]
    [InlineData("-100m", -1)]
    [InlineData("64G", 64_000_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void ToInt64_RoundsAwayFromZero(string text, long expected) => Assert.Equal(expected, Quantity.Parse(text).ToInt64());

    [Fact]
    public void ToInt64_BeyondRange_Throws() => Assert.Throws<OverflowException>(() => Quantity.Parse("10E").ToInt64());

    [Fact]
    public void ToMilli_OfCores() => Assert.Equal(250, Quantity.Parse("0.25").ToMilli());

    [Fact]
    public void EqualAmounts_AreEqual_WhateverTheSuffix()
    {
        Assert.Equal(Quantity.Parse("1Ki"), Quantity.Parse("1024"));
        Assert.Equal(Quantity.Parse("1Ki").GetHashCode(), Quantity.Parse("1.024k").GetHashCode());
        Assert.True(Quantity.Parse("1G") < Quantity.Parse("1Gi"));
    }

    [Fact]
    public void BytesOfTheUsualForms_ReadAsTheirText() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), text =>
        !QuantityBytes.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out var read)
        || (Quantity.TryParse(text, out var expected) && read.Nanos == expected.Nanos && read.Format == expected.Format)));

    [Theory]
    [InlineData("1500m")]
    [InlineData("3Gi")]
    [InlineData("8")]
    [InlineData("0.5")]
    [InlineData("1056492Mi")]
    [InlineData("0")]
    public void UsualForms_AreReadFromTheirBytes(string text)
    {
        Assert.True(QuantityBytes.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out var read));
        Assert.Equal(Quantity.Parse(text).ToString(), read.ToString());
    }

    [Fact]
    public void CanonicalText_ReadsBackAsTheSameAmountAndText() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), text =>
    {
        var quantity = Quantity.Parse(text);
        var canonical = quantity.ToString();
        var again = Quantity.Parse(canonical);
        return again == quantity && again.ToString() == canonical;
    }));

    [Fact]
    public void CanonicalText_HasNoFraction_AndTheLargestSuffixThatAllowsIt() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), text =>
    {
        var canonical = Quantity.Parse(text).ToString();
        if (canonical == "0") return true;
        var mantissa = Int128.Parse(canonical.AsSpan(0, canonical.Length - canonical.TrimStart('-').SkipWhile(char.IsAsciiDigit).Count()));
        // A binary quantity that no binary suffix divides has none: 1.953125Ki is 2000.
        var isBinary = canonical.EndsWith('i') || (text.EndsWith('i') && char.IsAsciiDigit(canonical[^1]));
        return mantissa % (isBinary ? 1024 : 1000) != 0;
    }));

    [Fact]
    public void Sum_IsExactAndCommutes() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), Texts(), (left, right) =>
    {
        var (a, b) = (Quantity.Parse(left), Quantity.Parse(right));
        return a + b == b + a && a + b - b == a;
    }));

    [Fact]
    public void Order_FollowsTheDecimalValue() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), Texts(), (left, right) =>
    {
        var (a, b) = (Quantity.Parse(left), Quantity.Parse(right));
        return a.CompareTo(b) == a.ToDecimal().CompareTo(b.ToDecimal());
    }));

    private static Arbitrary<string> Texts()
    {
        var number =
            from whole in Gen.Choose(0, int.MaxValue)
            from fraction in Gen.Choose(0, 999_999)
            from places in Gen.Choose(0, 6)
            from negative in Gen.Elements("", "-")
            select places == 0 ? $"{negative}{whole}" : $"{negative}{whole}.{fraction.ToString("D6")[..places]}";
        var suffix = Gen.Elements("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-3", "e0");
        return (from n in number from s in suffix select n + s).ToArbitrary();
    }
}
