//! The data sets of images.

use super::DataSet;

const MNIST: DataSet = DataSet {
    name: "",
    file: "",
    url: "",
    sha256: "",
    licence: "CC BY-SA 3.0",
    citation: "Lecun et al. 1998, doi:10.1109/5.726791",
    content: "",
};

const FASHION: DataSet = DataSet {
    licence: "MIT",
    citation: "Xiao et al. 2017, doi:10.48550/arXiv.1708.07747",
    ..MNIST
};

pub(super) const IMAGES: [DataSet; 9] = [
    DataSet {
        name: "mnist-train-images",
        file: "mnist/train-images-idx3-ubyte.gz",
        url: "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        content: "60 000 handwritten digits, 28 x 28",
        ..MNIST
    },
    DataSet {
        name: "mnist-train-labels",
        file: "mnist/train-labels-idx1-ubyte.gz",
        url: "https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz",
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        content: "the digits of mnist-train-images",
        ..MNIST
    },
    DataSet {
        name: "mnist-test-images",
        file: "mnist/t10k-images-idx3-ubyte.gz",
        url: "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz",
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        content: "10 000 handwritten digits, 28 x 28",
        ..MNIST
    },
    DataSet {
        name: "mnist-test-labels",
        file: "mnist/t10k-labels-idx1-ubyte.gz",
        url: "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        content: "the digits of mnist-test-images",
        ..MNIST
    },
    DataSet {
        name: "fashion-mnist-train-images",
        file: "fashion-mnist/train-images-idx3-ubyte.gz",
        url: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz",
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        content: "60 000 pieces of clothing, 28 x 28",
        ..FASHION
    },
    DataSet {
        name: "fashion-mnist-train-labels",
        file: "fashion-mnist/train-labels-idx1-ubyte.gz",
        url: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz",
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        content: "the kinds of fashion-mnist-train-images",
        ..FASHION
    },
    DataSet {
        name: "fashion-mnist-test-images",
        file: "fashion-mnist/t10k-images-idx3-ubyte.gz",
        url: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz",
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        content: "10 000 pieces of clothing, 28 x 28",
        ..FASHION
    },
    DataSet {
        name: "fashion-mnist-test-labels",
        file: "fashion-mnist/t10k-labels-idx1-ubyte.gz",
        url: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz",
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        content: "the kinds of fashion-mnist-test-images",
        ..FASHION
    },
    DataSet {
        name: "small-digits",
        file: "small-digits/digits.csv.gz",
        url: "https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.9.1/sklearn/datasets/data/digits.csv.gz",
        sha256: "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
        licence: "CC BY 4.0",
        citation: "Alpaydin and Kaynak 1998, doi:10.24432/C50P49",
        content: "1797 handwritten digits, 8 x 8, and which they are",
    },
];
