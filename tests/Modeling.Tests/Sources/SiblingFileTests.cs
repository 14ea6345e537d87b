using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Sources;

public class SiblingFileTests
{
    [Theory]
    [InlineData("model.gguf", "model.gguf", "b.gguf")]
    [InlineData("/models/a b/model.gguf", "model.gguf", "/models/a b/b.gguf")]
    [InlineData("https://host/x/model%20one.gguf?sig=1%2B2", "model one.gguf", "https://host/x/b.gguf?sig=1%2B2")]
    [InlineData("hf://owner/repo/model.gguf", "model.gguf", "hf://owner/repo/b.gguf@main")]
    [InlineData("hf://owner/repo/Q4/model.gguf@v1", "model.gguf", "hf://owner/repo/Q4/b.gguf@v1")]
    [InlineData("ms://owner/repo/model.gguf@v1", "model.gguf", "ms://owner/repo/b.gguf@v1")]
    public void A_file_beside_another_differs_in_its_name_only(string text, string name, string beside)
    {
        ModelLocation location = ModelLocation.Parse(text);

        Assert.Equal(name, SiblingFile.NameOf(location));
        Assert.Equal(beside, SiblingFile.Of(location, "b.gguf").Text);
    }

    [Fact]
    public void A_name_is_escaped_in_an_address() =>
        Assert.Equal("https://host/x/a%20%23b.gguf", SiblingFile.Of(new Uri("https://host/x/m.gguf"), "a #b.gguf").AbsoluteUri);
}
